using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Palisade.Signals.Pdq;

namespace Palisade.Signals.Search;

/// <summary>Counts out a list against many needles in one pass: for lists that have no index.</summary>
public static class PdqScan
{
    /// <summary>Needles of one pass: their first words fill a small part of the nearest cache.</summary>
    private const int PassNeedles = 64;

    /// <summary>
    /// Appends every hash of the list within <paramref name="radius"/> bits of each needle; its place in the list
    /// stands for the row.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The radius is not from 0 to 255.</exception>
    public static void FindAll(
        ReadOnlySpan<PdqHash> list, ReadOnlySpan<PdqHash> needles, int radius, ICollection<PdqNeedleNeighbour> found)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(radius, PdqHash.BitCount);
        Run(list, needles, radius, new PlaceFinds(found));
    }

    internal static void Run<TFinds>(
        ReadOnlySpan<PdqHash> list, ReadOnlySpan<PdqHash> needles, int radius, TFinds finds)
        where TFinds : struct, IScanFinds
    {
        for (var first = 0; first < needles.Length; first += PassNeedles)
        {
            var part = needles[first..Math.Min(needles.Length, first + PassNeedles)];
            if (Avx2.IsSupported)
            {
                RunVectors(list, part, first, radius, finds);
            }
            else
            {
                RunSingles(list, part, first, radius, finds);
            }
        }
    }

    /// <summary>Half of each distance refuses nearly every pair; a hash meets all needles while it is in registers.</summary>
    private static void RunSingles<TFinds>(
        ReadOnlySpan<PdqHash> list, ReadOnlySpan<PdqHash> needles, int first, int radius, TFinds finds)
        where TFinds : struct, IScanFinds
    {
        for (var place = 0; place < list.Length; place++)
        {
            var (word0, word1) = (list[place].Word0, list[place].Word1);
            for (var at = 0; at < needles.Length; at++)
            {
                ref readonly var needle = ref needles[at];
                if (BitOperations.PopCount(needle.Word0 ^ word0) + BitOperations.PopCount(needle.Word1 ^ word1) <= radius &&
                    needle.DistanceTo(list[place]) is var distance && distance <= radius)
                {
                    finds.Add(first + at, place, distance);
                }
            }
        }
    }

    /// <summary>The same by the first 96 bits of eight needles at a time, of which three in ten thousand pass.</summary>
    [SkipLocalsInit]
    private static void RunVectors<TFinds>(
        ReadOnlySpan<PdqHash> list, ReadOnlySpan<PdqHash> needles, int first, int radius, TFinds finds)
        where TFinds : struct, IScanFinds
    {
        // Lanes beyond the last needle repeat the first, and are passed over when they pass.
        Span<uint> columns = stackalloc uint[3 * PassNeedles];
        for (var at = 0; at < PassNeedles; at++)
        {
            var needle = needles[at < needles.Length ? at : 0];
            columns[at] = (uint)(needle.Word0 >> 32);
            columns[PassNeedles + at] = (uint)needle.Word0;
            columns[(2 * PassNeedles) + at] = (uint)(needle.Word1 >> 32);
        }

        ref var column = ref MemoryMarshal.GetReference(columns);
        var most = Vector256.Create(radius);
        for (var place = 0; place < list.Length; place++)
        {
            ref readonly var hash = ref list[place];
            var bits0 = Vector256.Create((uint)(hash.Word0 >> 32));
            var bits1 = Vector256.Create((uint)hash.Word0);
            var bits2 = Vector256.Create((uint)(hash.Word1 >> 32));
            for (var at = 0; at < needles.Length; at += Vector256<uint>.Count)
            {
                var counts = CountBits(bits0 ^ Vector256.LoadUnsafe(ref column, (nuint)at)) +
                    CountBits(bits1 ^ Vector256.LoadUnsafe(ref column, (nuint)(PassNeedles + at))) +
                    CountBits(bits2 ^ Vector256.LoadUnsafe(ref column, (nuint)((2 * PassNeedles) + at)));
                var pairs = Avx2.MultiplyAddAdjacent(counts, Vector256<sbyte>.One);
                var sums = Avx2.MultiplyAddAdjacent(pairs, Vector256<short>.One);
                var passes = ~Vector256.GreaterThan(sums, most).ExtractMostSignificantBits() & 0xFF;
                for (; passes != 0; passes &= passes - 1)
                {
                    var lane = at + BitOperations.TrailingZeroCount(passes);
                    if (lane < needles.Length && needles[lane].DistanceTo(hash) is var distance && distance <= radius)
                    {
                        finds.Add(first + lane, place, distance);
                    }
                }
            }
        }
    }

    /// <summary>How many bits are set in each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> CountBits(Vector256<uint> bits)
    {
        var ofNibble = Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
        var table = Vector256.Create(ofNibble, ofNibble);
        var nibble = Vector256.Create((byte)0x0F);
        return Avx2.Shuffle(table, bits.AsByte() & nibble) + Avx2.Shuffle(table, (bits >> 4).AsByte() & nibble);
    }

    private readonly struct PlaceFinds(ICollection<PdqNeedleNeighbour> found) : IScanFinds
    {
        public void Add(int needle, int place, int distance) =>
            found.Add(new PdqNeedleNeighbour(needle, place, distance));
    }
}

/// <summary>Where a scan puts what it finds: places in a plain list, or the rows of an index's layer.</summary>
internal interface IScanFinds
{
    public void Add(int needle, int place, int distance);
}
