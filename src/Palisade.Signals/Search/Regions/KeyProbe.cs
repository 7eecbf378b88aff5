using System.Numerics;
using System.Runtime.Intrinsics.X86;
using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>
/// Looks an upload's points up in a segment's table: each under the 32 keys that its five least certain bits can take.
/// </summary>
/// <remarks>
/// Nearly every access misses the processor's caches, so a point goes through stages while others are at theirs: fetch
/// where its keys begin, fetch those codes, compare them, fetch the numbers of those near enough, name them.
/// </remarks>
internal sealed class KeyProbe
{
    public const int Probes = 32;

    /// <summary>Codes that differ in more bits are no hit.</summary>
    private const int MostDistance = 7;

    private const int Stages = 4;

    private readonly int[] _begins = new int[Stages * Probes];
    private readonly int[] _ends = new int[Stages * Probes];
    private readonly int[][] _hits = [.. Enumerable.Range(0, Stages).Select(_ => new int[64])];
    private readonly int[] _hitCounts = new int[Stages];

    /// <param name="firstPlace">Of the segment, counting all segments' pictures through.</param>
    public unsafe void Search(RegionSegment segment, int firstPlace, QuerySide query, VoteCount votes)
    {
        var table = segment.Table;
        fixed (int* starts = table.Starts)
        fixed (ulong* codes = table.Codes)
        fixed (uint* points = table.Points)
        {
            for (var point = 0; point < query.Count + Stages - 1; point++)
            {
                if (point < query.Count)
                {
                    FetchStarts(query, point, table.Shift, starts);
                }

                if (point - 1 >= 0 && point - 1 < query.Count)
                {
                    FetchCodes(point - 1, starts, codes);
                }

                if (point - 2 >= 0 && point - 2 < query.Count)
                {
                    var room = segment.HasGone ? int.MaxValue : votes.Room(point - 2);
                    Compare(query, point - 2, table.Shift, codes, points, room);
                }

                if (point - 3 >= 0)
                {
                    Name(segment, firstPlace, query, point - 3, codes, points, votes);
                }
            }
        }
    }

    private unsafe void FetchStarts(QuerySide query, int point, int shift, int* starts)
    {
        var places = _begins.AsSpan(point % Stages * Probes, Probes);
        var key = RegionKey.Of(query.Code[point]);
        var weak = query.WeakKeyBits[point];
        var flipped = 0u;
        for (var probe = 0; probe < Probes; probe++)
        {
            // Counts through all settings of the weak bits.
            places[probe] = (int)((key ^ flipped) >> shift);
            flipped = (flipped - weak) & weak;
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(starts + places[probe]);
            }
        }

        if (shift > 0)
        {
            KeepDistinct(places);
        }
    }

    /// <summary>Keys that share a place are looked up there at once: -1 stands for a place that is there already.</summary>
    private static void KeepDistinct(Span<int> places)
    {
        for (var probe = 1; probe < places.Length; probe++)
        {
            places[probe] = places[..probe].Contains(places[probe]) ? -1 : places[probe];
        }
    }

    private unsafe void FetchCodes(int point, int* starts, ulong* codes)
    {
        var begins = _begins.AsSpan(point % Stages * Probes, Probes);
        var ends = _ends.AsSpan(point % Stages * Probes, Probes);
        for (var probe = 0; probe < begins.Length; probe++)
        {
            var place = begins[probe];
            (begins[probe], ends[probe]) = place < 0 ? (0, 0) : (starts[place], starts[place + 1]);
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(codes + begins[probe]);
                Sse.Prefetch0(codes + begins[probe] + 8);
            }
        }
    }

    /// <param name="room">Hits are looked for until there are more than this.</param>
    private unsafe void Compare(QuerySide query, int point, int shift, ulong* codes, uint* points, int room)
    {
        var stage = point % Stages;
        var begins = _begins.AsSpan(stage * Probes, Probes);
        var ends = _ends.AsSpan(stage * Probes, Probes);
        var code = query.Code[point];
        var hits = _hits[stage];
        var count = 0;
        for (var probe = 0; probe < begins.Length && count <= room; probe++)
        {
            var end = ends[probe];
            for (var at = begins[probe]; at < end; at++)
            {
                if (BitOperations.PopCount(codes[at] ^ code) > MostDistance)
                {
                    continue;
                }

                if (shift > 0 && !IsProbed(codes[at] ^ code, query.WeakKeyBits[point]))
                {
                    continue;
                }

                if (count == hits.Length)
                {
                    Array.Resize(ref _hits[stage], 2 * count);
                    hits = _hits[stage];
                }

                hits[count++] = at;
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(points + at);
                }
            }
        }

        _hitCounts[stage] = count;
    }

    /// <summary>Where a place holds several keys: whether two codes' keys differ in weak bits only.</summary>
    private static bool IsProbed(ulong difference, uint weak) => (RegionKey.Of(difference) & ~weak) == 0;

    private unsafe void Name(
        RegionSegment segment, int firstPlace, QuerySide query, int point, ulong* codes, uint* points, VoteCount votes)
    {
        var stage = point % Stages;
        foreach (var at in _hits[stage].AsSpan(0, _hitCounts[stage]))
        {
            var place = (int)(points[at] >> RegionSegment.PointBits);
            if (!segment.IsGone(place))
            {
                var enrolled = (int)(points[at] & ((1 << RegionSegment.PointBits) - 1));
                var distance = BitOperations.PopCount(codes[at] ^ query.Code[point]);
                votes.Add(firstPlace + place, new PointPair((short)point, (short)enrolled, (byte)distance));
            }
        }
    }
}
