using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Pdq;

/// <summary>The 64 x 64 blurred samples of 512 x 512 bytes of luma, each the exact mean rounded once.</summary>
/// <remarks>
/// Two boxes of four samples make a tent of seven, and only every eighth output is kept: output i stands on samples
/// 8i + 2 to 8i + 8 with the weights below. Along either axis the last one reaches beyond the picture, where its last
/// box has three samples; weights over 48 instead of 16 keep it in whole numbers.
/// </remarks>
internal static class IntegerSampler
{
    /// <summary>The side of the pictures that this takes.</summary>
    public const int PictureSide = 512;

    private const int Side = PdqTransform.Side;
    private const int FirstTap = 2;

    /// <summary>Over 16.</summary>
    private static ReadOnlySpan<short> Inner => [1, 2, 3, 4, 3, 2, 1];

    /// <summary>Over 48.</summary>
    private static ReadOnlySpan<short> Last => [3, 6, 9, 13, 10, 7];

    public static void Sample(ReadOnlySpan<byte> luma, Span<float> samples, bool useVectors)
    {
        // One more column, of weight zero, lets the last vector of each row be a whole one.
        Span<short> sums = stackalloc short[PictureSide + 16];
        sums.Clear();
        luma = luma[..(PictureSide * PictureSide)];
        for (var row = 0; row < Side; row++)
        {
            var taps = luma[(((row * 8) + FirstTap) * PictureSide)..];
            var scale = row < Side - 1 ? 16 : 48;
            var weights = row < Side - 1 ? Inner : Last;
            var target = samples.Slice(row * Side, Side);
            if (useVectors)
            {
                AddRowVectors(taps, weights, sums);
                AddColumnVectors(sums, scale, target);
            }
            else
            {
                AddRows(taps, weights, sums);
                AddColumns(sums, scale, target);
            }
        }
    }

    private static void AddRows(ReadOnlySpan<byte> taps, ReadOnlySpan<short> weights, Span<short> sums)
    {
        for (var column = 0; column < PictureSide; column++)
        {
            var sum = 0;
            for (var tap = 0; tap < weights.Length; tap++)
            {
                sum += weights[tap] * taps[(tap * PictureSide) + column];
            }

            sums[column] = (short)sum;
        }
    }

    private static void AddColumns(ReadOnlySpan<short> sums, int rowScale, Span<float> samples)
    {
        for (var column = 0; column < Side; column++)
        {
            var weights = column < Side - 1 ? Inner : Last;
            var sum = 0;
            for (var tap = 0; tap < weights.Length; tap++)
            {
                sum += weights[tap] * sums[(column * 8) + FirstTap + tap];
            }

            samples[column] = sum / (float)(rowScale * (column < Side - 1 ? 16 : 48));
        }
    }

    private static void AddRowVectors(ReadOnlySpan<byte> taps, ReadOnlySpan<short> weights, Span<short> sums)
    {
        _ = taps[(weights.Length * PictureSide) - 1];
        ref var tap = ref MemoryMarshal.GetReference(taps);
        ref var sum = ref MemoryMarshal.GetReference(sums);
        if (weights.Length == Inner.Length)
        {
            for (nuint at = 0; at < PictureSide; at += 16)
            {
                var ones = Row(ref tap, at, 0) + Row(ref tap, at, 6);
                var twos = Row(ref tap, at, 1) + Row(ref tap, at, 5);
                var threes = Row(ref tap, at, 2) + Row(ref tap, at, 4);
                var fours = Row(ref tap, at, 3) << 2;
                (ones + threes + ((twos + threes) << 1) + fours).StoreUnsafe(ref sum, at);
            }

            return;
        }

        for (nuint at = 0; at < PictureSide; at += 16)
        {
            var total = Vector256<short>.Zero;
            for (var row = 0; row < weights.Length; row++)
            {
                total += Row(ref tap, at, row) * weights[row];
            }

            total.StoreUnsafe(ref sum, at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Row(ref byte taps, nuint at, int row) =>
        Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref taps, at + (nuint)(row * PictureSide)));

    private static void AddColumnVectors(ReadOnlySpan<short> sums, int rowScale, Span<float> samples)
    {
        ref var sum = ref MemoryMarshal.GetReference(sums);
        var scale = Vector256.Create(1f / (rowScale * 16));
        var inner = Vector256.Create(0, 1, 2, 3, 4, 3, 2, 1, 0, 1, 2, 3, 4, 3, 2, 1);
        var last = Vector256.Create(0, 1, 2, 3, 4, 3, 2, 1, 0, 3, 6, 9, 13, 10, 7, 0);
        for (var column = 0; column < Side; column += 8)
        {
            ref var first = ref Unsafe.Add(ref sum, (column * 8) + FirstTap - 1);
            var isLast = column == Side - 8;
            var pairs = Avx2.HorizontalAdd(Pair(ref first, 0, inner), Pair(ref first, 16, inner));
            var morePairs = Avx2.HorizontalAdd(Pair(ref first, 32, inner), Pair(ref first, 48, isLast ? last : inner));
            var interleaved = Avx2.HorizontalAdd(pairs, morePairs);
            var totals = Avx2.PermuteVar8x32(interleaved, Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7));
            var whole = Vector256.ConvertToSingle(totals);

            // Sixteenths of sixteenths are exact; what has a 48 in it is rounded once.
            var means = rowScale == 16 && !isLast
                ? whole * scale
                : whole / Vector256.Create(Vector128.Create(16f * rowScale),
                    Vector128.Create(16f, 16f, 16f, isLast ? 48f : 16f) * rowScale);
            means.CopyTo(samples[column..]);
        }

        static Vector256<int> Pair(ref short first, nuint at, Vector256<short> weights) =>
            Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref first, at), weights);
    }
}
