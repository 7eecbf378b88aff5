using System.Numerics;
using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>
/// Knowing where an enrolled picture lies in an upload, looks for every one of its points where it must be: how many are
/// there is the score.
/// </summary>
internal sealed class GuidedRecount
{
    /// <summary>How far off a point may lie, as a share of the upload's diagonal.</summary>
    private const double Share = 0.015;

    /// <summary>Bits of a code that may differ: more than in the search, since the place is known.</summary>
    private const int MostDistance = 16;

    /// <summary>Points this near to a counted one are the same place over again, in pixels of each picture.</summary>
    private const float SamePlaceInEnrolled = 3;
    private const float SamePlaceInQuery = 2;

    private const int Rounds = 2;

    private readonly uint[] _found = new uint[RegionCodes.DensePoints];
    private readonly PointPair[] _kept = new PointPair[RegionCodes.DensePoints];
    private int _count;

    /// <summary>The pairs that were counted.</summary>
    public ReadOnlySpan<PointPair> Kept => _kept.AsSpan(0, _count);

    /// <summary>Counts, and fits the similarity to what it counted.</summary>
    public int Count(ref Similarity similarity, QuerySide query, EnrolledSide enrolled)
    {
        for (var round = 0; round < Rounds; round++)
        {
            Keep(Find(new PairLimits(similarity, query.Diagonal, Share), query, enrolled), query, enrolled);
            var fit = default(SimilarityFit);
            foreach (var pair in Kept)
            {
                fit.Add(
                    enrolled.X[pair.Enrolled], enrolled.Y[pair.Enrolled], query.X[pair.Query], query.Y[pair.Query],
                    MostDistance + 1 - pair.Distance);
            }

            if (_count < 2 || fit.Solve() is not { } fitted)
            {
                break;
            }

            similarity = fitted;
        }

        return _count;
    }

    /// <summary>For every enrolled point the nearest code among the upload's points that lie where it must be.</summary>
    private ReadOnlySpan<uint> Find(PairLimits limits, QuerySide query, EnrolledSide enrolled)
    {
        var count = 0;
        for (var point = 0; point < enrolled.Count; point++)
        {
            var place = limits.Project(enrolled.X[point], enrolled.Y[point]);
            var cells = query.Near(place.X, place.Y, limits.Distance);
            var best = uint.MaxValue;
            for (var row = cells.Top; row <= cells.Bottom; row++)
            {
                foreach (var other in query.InCells(row, cells.Left, cells.Right))
                {
                    var distance = BitOperations.PopCount(query.Code[other] ^ enrolled.Code[point]);
                    if (distance <= MostDistance && limits.IsNear(place, query.X[other], query.Y[other]) &&
                        limits.AreAlike(query, other, enrolled, point))
                    {
                        best = Math.Min(best, new PointPair(other, (short)point, (byte)distance).SortKey);
                    }
                }
            }

            if (best != uint.MaxValue)
            {
                _found[count++] = best;
            }
        }

        var found = _found.AsSpan(0, count);
        found.Sort();
        return found;
    }

    private void Keep(ReadOnlySpan<uint> found, QuerySide query, EnrolledSide enrolled)
    {
        _count = 0;
        foreach (var key in found)
        {
            var pair = PointPair.FromSortKey(key);
            var isFresh = true;
            foreach (var other in Kept)
            {
                isFresh &= other.Query != pair.Query &&
                    !AreSame(enrolled.X, enrolled.Y, other.Enrolled, pair.Enrolled, SamePlaceInEnrolled) &&
                    !AreSame(query.X, query.Y, other.Query, pair.Query, SamePlaceInQuery);
            }

            if (isFresh)
            {
                _kept[_count++] = pair;
            }
        }
    }

    private static bool AreSame(float[] x, float[] y, int one, int other, float distance) =>
        MathF.Abs(x[one] - x[other]) < distance && MathF.Abs(y[one] - y[other]) < distance;
}
