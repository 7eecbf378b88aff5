using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Palisade.Signals.Pdq;

namespace Palisade.Signals.Search;

/// <summary>
/// Multi-index hashing: every hash lies in one bucket of each of m tables, by m substrings of its bits.
/// </summary>
/// <remarks>
/// Let a radius be m times a plus b. If two hashes differ in at most that many bits, then either one of the first
/// b + 1 substrings differs in at most a bits, or one of the others in at most a - 1: otherwise the sum would be
/// larger. So those buckets hold every answer, and each candidate in them is counted out in full.
/// Source: Norouzi, Punjani, Fleet, "Fast exact search in Hamming space with multi-index hashing" (2014).
/// </remarks>
[SkipLocalsInit]
internal sealed class PdqBuckets : ILayerSearch<PdqHash, PdqBuckets>
{
    /// <summary>Below this many hashes counting them all out is quicker than any table.</summary>
    private const int LeastForTables = 2048;

    /// <summary>What a bucket or a candidate costs, in hashes counted out; from a million hashes.</summary>
    private const int ProbeCost = 8;

    /// <summary>As many buckets as a table of 24 bits has within two flips, and some more.</summary>
    private const int BatchSize = 512;

    /// <summary>Where a needle's buckets hold more than this share of the list, counting all out is quicker.</summary>
    private const int MostCandidates = 50;

    private const int LeastPieces = 11;

    private readonly PdqHash[] _hashes;
    private readonly PdqSubstring[] _substrings;
    private readonly int[][] _starts;
    private readonly int[][] _places;

    private PdqBuckets(PdqHash[] hashes, PdqSubstring[] substrings, int[][] starts, int[][] places)
    {
        (_hashes, _substrings, _starts, _places) = (hashes, substrings, starts, places);
    }

    public static ulong SortKey(in PdqHash key) => key.Word0;

    public static int Compare(PdqHash left, PdqHash right) =>
        left.Word0 != right.Word0 ? left.Word0.CompareTo(right.Word0)
        : left.Word1 != right.Word1 ? left.Word1.CompareTo(right.Word1)
        : left.Word2 != right.Word2 ? left.Word2.CompareTo(right.Word2)
        : left.Word3.CompareTo(right.Word3);

    public static PdqBuckets Build(PdqHash[] distinctKeys)
    {
        var substrings = distinctKeys.Length < LeastForTables ? [] : PdqSubstring.Cut(PiecesFor(distinctKeys.Length));
        var starts = new int[substrings.Length][];
        var places = new int[substrings.Length][];
        var buckets = new uint[distinctKeys.Length];
        for (var table = 0; table < substrings.Length; table++)
        {
            (starts[table], places[table]) = SortIntoBuckets(distinctKeys, substrings[table], buckets);
        }

        return new(distinctKeys, substrings, starts, places);
    }

    /// <summary>Gives every hash within the radius once.</summary>
    public void Find(in PdqHash needle, int radius, PdqFinds finds)
    {
        if (!UsesTables(radius))
        {
            CountOutAll(needle, radius, finds);
            return;
        }

        // Lists are not random: on one that crowds its buckets the tables may cost more than they save.
        var left = Math.Max(LeastForTables, _hashes.Length / MostCandidates);
        for (var table = 0; table < _substrings.Length; table++)
        {
            if (RadiusOf(table, radius) is var tableRadius and >= 0 &&
                !TryProbe(table, tableRadius, needle, radius, ref left, finds))
            {
                CountOutRest(table, needle, radius, finds);
                return;
            }
        }
    }

    /// <summary>Whether the tables pay at this radius; else many needles are best counted out in one pass.</summary>
    public bool UsesTables(int radius) => _substrings.Length > 0 && CostOf(radius) <= _hashes.Length;

    /// <summary>Counts out all hashes against all needles in one pass over the list.</summary>
    public void CountOutAll(ReadOnlySpan<PdqHash> needles, int radius, PdqFinds finds) =>
        PdqScan.Run<PdqFinds>(_hashes, needles, radius, finds);

    /// <summary>
    /// Few hashes for each bucket, and no more buckets than hashes: a substring of two bits less than the number's.
    /// Where the tables leave the caches, wider ones save more than they cost, up to what 24 bits hold.
    /// </summary>
    private static int PiecesFor(int hashes) =>
        hashes >= 5_000_000 ? LeastPieces : (int)(PdqHash.BitCount / (Math.Log2(hashes) - 2));

    private static (int[] Starts, int[] Places) SortIntoBuckets(
        PdqHash[] hashes, PdqSubstring substring, uint[] buckets)
    {
        // A counting sort: how many each bucket holds, where each bucket ends, and then filled from the back.
        var starts = LargeArray.Allocate<int>((1 << substring.Width) + 1);
        for (var place = 0; place < hashes.Length; place++)
        {
            buckets[place] = substring.Of(hashes[place]);
            starts[buckets[place]]++;
        }

        for (var bucket = 1; bucket < starts.Length; bucket++)
        {
            starts[bucket] += starts[bucket - 1];
        }

        var places = LargeArray.Allocate<int>(hashes.Length);
        for (var place = hashes.Length - 1; place >= 0; place--)
        {
            places[--starts[buckets[place]]] = place;
        }

        return (starts, places);
    }

    /// <summary>How many bits of a table's buckets may differ from the needle's; -1 where it is not needed.</summary>
    private int RadiusOf(int table, int radius)
    {
        var (whole, rest) = Math.DivRem(radius, _substrings.Length);
        return table <= rest ? whole : whole - 1;
    }

    /// <summary>What probing costs at this radius, in hashes counted out; grows too fast to be counted far.</summary>
    private double CostOf(int radius)
    {
        var cost = 0.0;
        for (var table = 0; table < _substrings.Length && cost <= _hashes.Length; table++)
        {
            var width = _substrings[table].Width;
            var (buckets, ofWeight) = (0.0, 1.0);
            for (var weight = 0; weight <= RadiusOf(table, radius); weight++)
            {
                buckets += ofWeight;
                ofWeight *= (double)(width - weight) / (weight + 1);
            }

            cost += buckets * ProbeCost * (1 + ((double)_hashes.Length / (1L << width)));
        }

        return cost;
    }

    private void CountOutAll(in PdqHash needle, int radius, PdqFinds finds)
    {
        for (var place = 0; place < _hashes.Length; place++)
        {
            ref readonly var hash = ref _hashes[place];
            if (HalfDistance(needle, hash) <= radius && needle.DistanceTo(hash) is var distance && distance <= radius)
            {
                finds.Add(place, distance);
            }
        }
    }

    /// <summary>Counts out all hashes that the tables before this one did not hold.</summary>
    private void CountOutRest(int table, in PdqHash needle, int radius, PdqFinds finds)
    {
        for (var place = 0; place < _hashes.Length; place++)
        {
            ref readonly var hash = ref _hashes[place];
            if (HalfDistance(needle, hash) <= radius && needle.DistanceTo(hash) is var distance &&
                distance <= radius && !WasFoundBefore(table, needle, hash, radius))
            {
                finds.Add(place, distance);
            }
        }
    }

    /// <summary>
    /// Looks into every bucket near the needle's, unless its first batch (nearly always all) holds more candidates
    /// than are left: then nothing was looked into. Buckets are taken in batches, so that the memory that one will
    /// need is on its way while another is looked into.
    /// </summary>
    private bool TryProbe(
        int table, int tableRadius, in PdqHash needle, int radius, ref int left, PdqFinds finds)
    {
        if (left < 0)
        {
            return false;
        }

        Span<uint> buckets = stackalloc uint[BatchSize];
        ref var starts = ref MemoryMarshal.GetArrayDataReference(_starts[table]);
        var width = _substrings[table].Width;
        var own = _substrings[table].Of(needle);
        var (count, isFirst) = (0, true);
        for (var weight = 0; weight <= tableRadius && weight <= width; weight++)
        {
            for (var flips = (1u << weight) - 1; flips < 1u << width; flips = NextOfSameWeight(flips))
            {
                var bucket = own ^ flips;
                Prefetch(ref Unsafe.Add(ref starts, bucket));
                buckets[count++] = bucket;
                if (count == BatchSize)
                {
                    if (!TryLookInto(table, buckets, needle, radius, isFirst, ref left, finds))
                    {
                        return false;
                    }

                    (count, isFirst) = (0, false);
                }

                if (flips == 0)
                {
                    break;
                }
            }
        }

        return TryLookInto(table, buckets[..count], needle, radius, isFirst, ref left, finds);
    }

    private bool TryLookInto(
        int table,
        ReadOnlySpan<uint> buckets,
        in PdqHash needle,
        int radius,
        bool mayRefuse,
        ref int left,
        PdqFinds finds)
    {
        Span<(int Start, int End)> ranges = stackalloc (int, int)[BatchSize];
        var starts = _starts[table];
        ref var places = ref MemoryMarshal.GetArrayDataReference(_places[table]);
        var (ranged, held) = (0, 0L);
        foreach (var bucket in buckets)
        {
            var (start, end) = (starts[bucket], starts[bucket + 1]);
            ranges[ranged] = (start, end);
            Prefetch(ref Unsafe.Add(ref places, start));
            ranged += start < end ? 1 : 0;
            held += end - start;
        }

        if (held > left && mayRefuse)
        {
            return false;
        }

        left = (int)Math.Max(left - held, -1);
        Span<int> candidates = stackalloc int[BatchSize];
        ref var hashes = ref MemoryMarshal.GetArrayDataReference(_hashes);
        var count = 0;
        foreach (var (start, end) in ranges[..ranged])
        {
            for (var at = start; at < end; at++)
            {
                var place = Unsafe.Add(ref places, at);
                Prefetch(ref Unsafe.Add(ref hashes, place));
                candidates[count++] = place;
                if (count == BatchSize)
                {
                    CountOut(table, candidates, needle, radius, finds);
                    count = 0;
                }
            }
        }

        CountOut(table, candidates[..count], needle, radius, finds);
        return true;
    }

    private void CountOut(int table, ReadOnlySpan<int> candidates, in PdqHash needle, int radius, PdqFinds finds)
    {
        foreach (var place in candidates)
        {
            ref readonly var hash = ref _hashes[place];
            if (HalfDistance(needle, hash) <= radius &&
                needle.DistanceTo(hash) is var distance && distance <= radius &&
                !WasFoundBefore(table, needle, hash, radius))
            {
                finds.Add(place, distance);
            }
        }
    }

    /// <summary>Whether an earlier table held the hash as well: answers are rare, so this is asked late.</summary>
    private bool WasFoundBefore(int table, in PdqHash needle, in PdqHash hash, int radius)
    {
        for (var earlier = 0; earlier < table; earlier++)
        {
            if (_substrings[earlier].Distance(needle, hash) <= RadiusOf(earlier, radius))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many of the first 128 bits differ: enough to refuse nearly every candidate.</summary>
    private static int HalfDistance(in PdqHash left, in PdqHash right) =>
        BitOperations.PopCount(left.Word0 ^ right.Word0) + BitOperations.PopCount(left.Word1 ^ right.Word1);

    /// <summary>The next larger number with as many bits set.</summary>
    private static uint NextOfSameWeight(uint bits)
    {
        var lowest = bits & (0 - bits);
        var carried = bits + lowest;
        return carried | (((bits ^ carried) >> 2) / lowest);
    }

    private static unsafe void Prefetch<T>(ref T target)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref target));
        }
    }
}
