using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>
/// Finds the similarity on which most votes for an enrolled picture agree.
/// </summary>
internal sealed class SimilarityCheck
{
    /// <summary>Votes that propose a similarity, the closest codes first.</summary>
    private const int MostProposals = 120;

    /// <summary>How far off a vote may lie at first, and after the fit: shares of the upload's diagonal.</summary>
    private const double FirstShare = 0.03;
    private const double LaterShare = 0.015;

    /// <summary>From this many agreeing votes on, the similarity is fitted to them.</summary>
    private const int LeastForFit = 3;

    /// <summary>A vote this near to a taken one in the enrolled picture is the same place over again, in pixels.</summary>
    private const float SamePlace = 3;

    private readonly bool[] _isQueryUsed = new bool[RegionQuery.MostPoints];
    private readonly bool[] _isEnrolledUsed = new bool[RegionCodes.DensePoints];
    private PointPair[] _agreeing = new PointPair[RegionCodes.DensePoints];
    private PointPair[] _best = new PointPair[RegionCodes.DensePoints];

    /// <param name="votes">Sorted by distance.</param>
    /// <returns>The similarity, or null: fewer than two votes agree on any.</returns>
    public Similarity? Find(ReadOnlySpan<PointPair> votes, QuerySide query, EnrolledSide enrolled)
    {
        Similarity? best = null;
        var most = 1;
        foreach (var vote in votes[..Math.Min(votes.Length, MostProposals)])
        {
            var proposed = Propose(vote, query, enrolled);
            var count = Agree(votes, proposed, FirstShare, dropSamePlace: false, query, enrolled);
            if (count > most)
            {
                (best, most) = (proposed, count);
                (_agreeing, _best) = (_best, _agreeing);
                if (most == votes.Length)
                {
                    break;
                }
            }
        }

        if (best is null || most < LeastForFit)
        {
            return best;
        }

        for (var round = 0; round < 2; round++)
        {
            if (Fit(_best.AsSpan(0, most), query, enrolled) is not { } fitted)
            {
                break;
            }

            best = fitted;
            most = Agree(votes, fitted, LaterShare, dropSamePlace: true, query, enrolled);
            (_agreeing, _best) = (_best, _agreeing);
            if (most < 2)
            {
                return null;
            }
        }

        return best;
    }

    /// <summary>What one pair alone says: its turn, its scale, and that its points meet.</summary>
    private static Similarity Propose(PointPair vote, QuerySide query, EnrolledSide enrolled)
    {
        var (sinTo, cosTo) = query.Turn[vote.Query];
        var (sinFrom, cosFrom) = enrolled.Turn(vote.Enrolled);
        var scale = query.Sigma[vote.Query] / enrolled.Sigma(vote.Enrolled);
        var a = scale * ((cosTo * cosFrom) + (sinTo * sinFrom));
        var b = scale * ((sinTo * cosFrom) - (cosTo * sinFrom));
        var (x, y) = (enrolled.X[vote.Enrolled], enrolled.Y[vote.Enrolled]);
        return new Similarity(
            a, b, query.X[vote.Query] - ((a * x) - (b * y)), query.Y[vote.Query] - ((b * x) + (a * y)));
    }

    private int Agree(
        ReadOnlySpan<PointPair> votes, Similarity similarity, double share, bool dropSamePlace, QuerySide query,
        EnrolledSide enrolled)
    {
        var limits = new PairLimits(similarity, query.Diagonal, share);
        var count = 0;
        foreach (var vote in votes)
        {
            if (_isQueryUsed[vote.Query] || _isEnrolledUsed[vote.Enrolled] ||
                !limits.IsNear(
                    limits.Project(enrolled.X[vote.Enrolled], enrolled.Y[vote.Enrolled]), query.X[vote.Query],
                    query.Y[vote.Query]) ||
                !limits.AreAlike(query, vote.Query, enrolled, vote.Enrolled) ||
                (dropSamePlace && IsTaken(_agreeing.AsSpan(0, count), vote, enrolled)))
            {
                continue;
            }

            (_isQueryUsed[vote.Query], _isEnrolledUsed[vote.Enrolled]) = (true, true);
            _agreeing[count++] = vote;
        }

        foreach (var vote in _agreeing.AsSpan(0, count))
        {
            (_isQueryUsed[vote.Query], _isEnrolledUsed[vote.Enrolled]) = (false, false);
        }

        return count;
    }

    private static bool IsTaken(ReadOnlySpan<PointPair> taken, PointPair vote, EnrolledSide enrolled)
    {
        var (x, y) = (enrolled.X[vote.Enrolled], enrolled.Y[vote.Enrolled]);
        foreach (var other in taken)
        {
            if (MathF.Abs(enrolled.X[other.Enrolled] - x) < SamePlace && MathF.Abs(enrolled.Y[other.Enrolled] - y) < SamePlace)
            {
                return true;
            }
        }

        return false;
    }

    private static Similarity? Fit(ReadOnlySpan<PointPair> pairs, QuerySide query, EnrolledSide enrolled)
    {
        var fit = default(SimilarityFit);
        foreach (var pair in pairs)
        {
            fit.Add(enrolled.X[pair.Enrolled], enrolled.Y[pair.Enrolled], query.X[pair.Query], query.Y[pair.Query], 1);
        }

        return fit.Solve();
    }
}
