using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>Gathers the hits of one pass and keeps those of pictures that two points of the upload or more hit.</summary>
internal sealed class VoteCount
{
    /// <summary>A point with more hits than this share of all pictures is a common pattern and has no vote.</summary>
    private const double MostShare = 0.0005;

    private const int LeastLimit = 8;

    private const int PairBits = 24;

    // A vote is its picture's place, then the sort key of its pair: 3 bits of distance, 10 and 9 (in 10) of the points.
    private ulong[] _votes = new ulong[4096];
    private ulong[] _chosen = new ulong[4096];
    private int _count;

    // For each picture: the last point that hit it and one (16 bits), how many points hit it (16).
    private uint[] _marks = [];
    private readonly int[] _hitsOf = new int[RegionQuery.MostPoints];
    private int _limit;

    public void Begin(int places, int pictures)
    {
        if (_marks.Length < places)
        {
            _marks = LargeArray.Allocate<uint>(places);
        }

        Array.Clear(_hitsOf);
        _count = 0;
        _limit = Math.Max(LeastLimit, (int)(MostShare * pictures));
    }

    /// <summary>How many hits a point may still have before it is stopped; below 0 when it is.</summary>
    public int Room(int point) => _limit - _hitsOf[point];

    public void Add(int place, PointPair pair)
    {
        if (++_hitsOf[pair.Query] > _limit)
        {
            return;
        }

        if (_count == _votes.Length)
        {
            Array.Resize(ref _votes, 2 * _count);
        }

        _votes[_count++] = ((ulong)place << PairBits) | pair.SortKey;
    }

    /// <summary>
    /// The votes of points that were not stopped, for pictures that two of them or more hit: picture after picture, each
    /// picture's nearest first.
    /// </summary>
    public ReadOnlySpan<ulong> Choose()
    {
        var votes = _votes.AsSpan(0, _count);
        foreach (var vote in votes)
        {
            var point = PairOf(vote).Query;
            if (_hitsOf[point] <= _limit)
            {
                ref var mark = ref _marks[PlaceOf(vote)];
                if ((mark & 0xFFFF) != point + 1u)
                {
                    mark = (mark & 0xFFFF_0000) + 0x1_0000 + (uint)point + 1;
                }
            }
        }

        if (_chosen.Length < votes.Length)
        {
            _chosen = new ulong[_votes.Length];
        }

        var chosen = 0;
        foreach (var vote in votes)
        {
            if (_hitsOf[PairOf(vote).Query] <= _limit && _marks[PlaceOf(vote)] >= 0x2_0000)
            {
                _chosen[chosen++] = vote;
            }
        }

        foreach (var vote in votes)
        {
            _marks[PlaceOf(vote)] = 0;
        }

        var sorted = _chosen.AsSpan(0, chosen);
        sorted.Sort();
        return sorted;
    }

    /// <summary>Every vote that was added, with its picture's place.</summary>
    internal IEnumerable<(int Place, PointPair Pair)> Gathered() =>
        _votes.Take(_count).Select(static vote => (PlaceOf(vote), PairOf(vote)));

    public static int PlaceOf(ulong vote) => (int)(vote >> PairBits);

    public static PointPair PairOf(ulong vote) => PointPair.FromSortKey((uint)(vote & ((1 << PairBits) - 1)));
}
