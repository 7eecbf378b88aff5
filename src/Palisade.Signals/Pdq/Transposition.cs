using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Pdq;

/// <summary>Transposes blocks of 8 x 8 samples in registers.</summary>
internal static class Transposition
{
    /// <summary>Whether this processor has the instructions; elsewhere the hasher goes row by row.</summary>
    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>Row r, column c of the one becomes row c, column r of the other; a stride is from row to row.</summary>
    public static void Transpose(ReadOnlySpan<float> from, int fromStride, Span<float> to, int toStride)
    {
        // One check for all sixteen accesses.
        _ = from[(7 * fromStride) + 7];
        _ = to[(7 * toStride) + 7];
        ref var source = ref MemoryMarshal.GetReference(from);
        ref var target = ref MemoryMarshal.GetReference(to);
        var (fromStep, toStep) = ((nuint)fromStride, (nuint)toStride);

        var row0 = Vector256.LoadUnsafe(ref source);
        var row1 = Vector256.LoadUnsafe(ref source, fromStep);
        var row2 = Vector256.LoadUnsafe(ref source, 2 * fromStep);
        var row3 = Vector256.LoadUnsafe(ref source, 3 * fromStep);
        var row4 = Vector256.LoadUnsafe(ref source, 4 * fromStep);
        var row5 = Vector256.LoadUnsafe(ref source, 5 * fromStep);
        var row6 = Vector256.LoadUnsafe(ref source, 6 * fromStep);
        var row7 = Vector256.LoadUnsafe(ref source, 7 * fromStep);

        Transpose(ref row0, ref row1, ref row2, ref row3, ref row4, ref row5, ref row6, ref row7);
        row0.StoreUnsafe(ref target);
        row1.StoreUnsafe(ref target, toStep);
        row2.StoreUnsafe(ref target, 2 * toStep);
        row3.StoreUnsafe(ref target, 3 * toStep);
        row4.StoreUnsafe(ref target, 4 * toStep);
        row5.StoreUnsafe(ref target, 5 * toStep);
        row6.StoreUnsafe(ref target, 6 * toStep);
        row7.StoreUnsafe(ref target, 7 * toStep);
    }

    /// <summary>Eight rows become eight columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(
        ref Vector256<float> row0,
        ref Vector256<float> row1,
        ref Vector256<float> row2,
        ref Vector256<float> row3,
        ref Vector256<float> row4,
        ref Vector256<float> row5,
        ref Vector256<float> row6,
        ref Vector256<float> row7)
    {
        // Pairs of rows, then fours, then the halves.
        var pair0 = Avx.UnpackLow(row0, row1);
        var pair1 = Avx.UnpackHigh(row0, row1);
        var pair2 = Avx.UnpackLow(row2, row3);
        var pair3 = Avx.UnpackHigh(row2, row3);
        var pair4 = Avx.UnpackLow(row4, row5);
        var pair5 = Avx.UnpackHigh(row4, row5);
        var pair6 = Avx.UnpackLow(row6, row7);
        var pair7 = Avx.UnpackHigh(row6, row7);

        var four0 = Avx.Shuffle(pair0, pair2, 0x44);
        var four1 = Avx.Shuffle(pair0, pair2, 0xEE);
        var four2 = Avx.Shuffle(pair1, pair3, 0x44);
        var four3 = Avx.Shuffle(pair1, pair3, 0xEE);
        var four4 = Avx.Shuffle(pair4, pair6, 0x44);
        var four5 = Avx.Shuffle(pair4, pair6, 0xEE);
        var four6 = Avx.Shuffle(pair5, pair7, 0x44);
        var four7 = Avx.Shuffle(pair5, pair7, 0xEE);

        row0 = Avx.Permute2x128(four0, four4, 0x20);
        row1 = Avx.Permute2x128(four1, four5, 0x20);
        row2 = Avx.Permute2x128(four2, four6, 0x20);
        row3 = Avx.Permute2x128(four3, four7, 0x20);
        row4 = Avx.Permute2x128(four0, four4, 0x31);
        row5 = Avx.Permute2x128(four1, four5, 0x31);
        row6 = Avx.Permute2x128(four2, four6, 0x31);
        row7 = Avx.Permute2x128(four3, four7, 0x31);
    }
}
