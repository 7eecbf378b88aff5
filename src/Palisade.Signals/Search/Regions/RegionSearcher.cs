using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>
/// Finds the enrolled pictures that an upload was made from.
/// </summary>
/// <remarks>
/// Points of the upload vote for pictures that have a point with nearly their code; a picture that two points vote for is
/// checked for one turn, scale and shift that explains its votes; and where there is one, all its points are looked for
/// where they must be, which gives the score. Everything is done twice, the second time for a mirrored upload. One upload
/// at a time: the memory (some megabytes, and 4 bytes for each enrolled picture) is kept from one to the next.
/// </remarks>
public sealed class RegionSearcher
{
    /// <summary>Below this score chance matches outnumber true ones.</summary>
    public const int LeastScore = 6;

    private readonly QuerySide _query = new();
    private readonly EnrolledSide _enrolled = new();
    private readonly KeyProbe _probe = new();
    private readonly VoteCount _votes = new();
    private readonly SimilarityCheck _check = new();
    private readonly GuidedRecount _recount = new();
    private readonly PointsReach _reach = new();
    private readonly List<RegionMatch> _matches = [];
    private readonly Comparison<RegionMatch> _byRow = static (left, right) =>
        left.Row != right.Row ? left.Row.CompareTo(right.Row)
        : left.Score != right.Score ? right.Score.CompareTo(left.Score)
        : left.Transform.IsMirrored.CompareTo(right.Transform.IsMirrored);

    private readonly Comparison<RegionMatch> _byScore = static (left, right) =>
        left.Score != right.Score ? right.Score.CompareTo(left.Score) : left.Row.CompareTo(right.Row);

    private PointPair[] _pairs = new PointPair[1024];

    /// <summary>Appends every picture found, the highest score first; equal ones by row.</summary>
    /// <param name="leastScore">Pictures with a lower score are passed over.</param>
    public void Search(RegionIndex index, RegionQuery query, ICollection<RegionMatch> found, int leastScore = LeastScore)
    {
        _matches.Clear();
        AddMatches(index, query, leastScore, isMirrored: false);
        AddMatches(index, query, leastScore, isMirrored: true);

        // A picture may be found both ways: the better one counts.
        _matches.Sort(_byRow);
        var kept = 0;
        for (var at = 0; at < _matches.Count; at++)
        {
            if (kept == 0 || _matches[kept - 1].Row != _matches[at].Row)
            {
                _matches[kept++] = _matches[at];
            }
        }

        _matches.RemoveRange(kept, _matches.Count - kept);
        _matches.Sort(_byScore);
        foreach (var match in _matches)
        {
            found.Add(match);
        }
    }

    private void AddMatches(RegionIndex index, RegionQuery query, int leastScore, bool isMirrored)
    {
        _query.Take(query, isMirrored);
        _votes.Begin(index.Segments.Sum(static segment => segment.Places), index.Count);
        var first = 0;
        foreach (var segment in index.Segments)
        {
            _probe.Search(segment, first, _query, _votes);
            first += segment.Places;
        }

        var votes = _votes.Choose();
        for (var begin = 0; begin < votes.Length;)
        {
            var place = VoteCount.PlaceOf(votes[begin]);
            var end = begin + 1;
            while (end < votes.Length && VoteCount.PlaceOf(votes[end]) == place)
            {
                end++;
            }

            Check(index, place, votes[begin..end], leastScore, isMirrored);
            begin = end;
        }
    }

    private void Check(RegionIndex index, int place, ReadOnlySpan<ulong> votes, int leastScore, bool isMirrored)
    {
        var segment = 0;
        for (; place >= index.Segments[segment].Places; segment++)
        {
            place -= index.Segments[segment].Places;
        }

        if (_pairs.Length < votes.Length)
        {
            _pairs = new PointPair[2 * votes.Length];
        }

        for (var at = 0; at < votes.Length; at++)
        {
            _pairs[at] = VoteCount.PairOf(votes[at]);
        }

        var rows = index.Segments[segment].Rows;
        _enrolled.Take(rows, place);
        if (_check.Find(_pairs.AsSpan(0, votes.Length), _query, _enrolled) is not { } similarity)
        {
            return;
        }

        var score = _recount.Count(ref similarity, _query, _enrolled);
        if (score >= leastScore)
        {
            var coverage = _reach.Of(_recount.Kept, _enrolled, _query);
            _matches.Add(new RegionMatch(
                rows.RowOf(place), score, new RegionTransform(similarity, isMirrored, _enrolled.Width, _enrolled.Height), coverage));
        }
    }
}
