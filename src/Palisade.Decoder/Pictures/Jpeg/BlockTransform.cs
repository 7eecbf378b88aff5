using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Decoder.Pictures.Jpeg;

/// <summary>
/// Turns two blocks of coefficients side by side into samples, by the same whole numbers as libjpeg-turbo's slow integer
/// transform, one block in each half of a vector.
/// </summary>
/// <remarks>
/// The algorithm is Loeffler, Ligtenberg and Moschytz's (1989) with 13 bits of fraction and 2 kept between the passes, as
/// libjpeg has it. Every intermediate is as wide as in that library's vector code, so that sums which do not fit wrap alike.
/// </remarks>
internal static class BlockTransform
{
    /// <summary>Coefficients of a pair.</summary>
    public const int PairSize = 128;

    /// <summary>Constant terms and their neighbours beyond this are treated otherwise by the library; left to it.</summary>
    private const short LargestFirstRow = 8191;

    // Rounded to 13 bits of fraction: jidctint.c of libjpeg.
    private const short F0298 = 2446, F0390 = 3196, F0541 = 4433, F0765 = 6270, F0899 = 7373, F1175 = 9633, F1501 = 12299,
        F1847 = 15137, F1961 = 16069, F2053 = 16819, F2562 = 20995, F3072 = 25172;

    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>Steps of a component's table for both halves of each row.</summary>
    public static void Spread(ReadOnlySpan<short> quantiser, Span<short> pair)
    {
        for (var row = 0; row < 8; row++)
        {
            quantiser.Slice(8 * row, 8).CopyTo(pair[(16 * row)..]);
            quantiser.Slice(8 * row, 8).CopyTo(pair[((16 * row) + 8)..]);
        }
    }

    /// <summary>Two blocks with nothing but constant terms.</summary>
    /// <returns>False where a term is too large to be treated here.</returns>
    public static bool TryFillFlat(in short pair, in short quantiser, ref byte samples, nint stride)
    {
        var (left, right) = (Flat(pair, quantiser), Flat(Unsafe.Add(ref Unsafe.AsRef(in pair), 8), quantiser));
        var row = Vector128.Create(Vector64.Create(Sample(left)), Vector64.Create(Sample(right)));
        for (var y = 0; y < 8; y++)
        {
            row.StoreUnsafe(ref Unsafe.Add(ref samples, y * stride));
        }

        return left is >= -LargestFirstRow and <= LargestFirstRow && right is >= -LargestFirstRow and <= LargestFirstRow;

        static int Flat(short term, short step) => unchecked((short)(term * step));

        static byte Sample(int term) => (byte)(Math.Clamp((term + 4) >> 3, -128, 127) + 128);
    }

    /// <summary>Two blocks: eight rows of sixteen samples.</summary>
    /// <returns>False where a term is too large to be treated here.</returns>
    public static bool TryTransform(ref short pair, ref short quantiser, ref byte samples, nint stride)
    {
        var r0 = Row(ref pair, ref quantiser, 0);
        var r1 = Row(ref pair, ref quantiser, 1);
        var r2 = Row(ref pair, ref quantiser, 2);
        var r3 = Row(ref pair, ref quantiser, 3);
        var r4 = Row(ref pair, ref quantiser, 4);
        var r5 = Row(ref pair, ref quantiser, 5);
        var r6 = Row(ref pair, ref quantiser, 6);
        var r7 = Row(ref pair, ref quantiser, 7);
        var tooLarge = Avx2.CompareGreaterThan(Avx2.Abs(r0).AsInt16(), Vector256.Create(LargestFirstRow)) |
            Avx2.CompareEqual(r0, Vector256.Create(short.MinValue));

        Pass(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, 11);
        Transpose(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
        Pass(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, 18);
        Transpose(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);

        StoreRows(r0, r1, ref samples, stride);
        StoreRows(r2, r3, ref Unsafe.Add(ref samples, 2 * stride), stride);
        StoreRows(r4, r5, ref Unsafe.Add(ref samples, 4 * stride), stride);
        StoreRows(r6, r7, ref Unsafe.Add(ref samples, 6 * stride), stride);
        return tooLarge == Vector256<short>.Zero;
    }

    private static Vector256<short> Row(ref short pair, ref short quantiser, nuint row) => Avx2.MultiplyLow(
        Vector256.LoadUnsafe(ref pair, 16 * row), Vector256.LoadUnsafe(ref quantiser, 16 * row));

    /// <summary>One dimension; what comes out is rounded by so many bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pass(
        ref Vector256<short> r0, ref Vector256<short> r1, ref Vector256<short> r2, ref Vector256<short> r3,
        ref Vector256<short> r4, ref Vector256<short> r5, ref Vector256<short> r6, ref Vector256<short> r7, int shift)
    {
        // Even part: the ends, and then what the middle adds.
        var low = Avx2.UnpackLow(r2, r6);
        var high = Avx2.UnpackHigh(r2, r6);
        var sum = r0 + r4;
        var difference = r0 - r4;
        var half = Vector256.Create(1 << (shift - 1));
        var lowEnds = WidenLow(sum) + half;
        var highEnds = WidenHigh(sum) + half;
        var lowMiddle = Times(low, F0541 + F0765, F0541);
        var highMiddle = Times(high, F0541 + F0765, F0541);
        var low0 = lowEnds + lowMiddle;
        var high0 = highEnds + highMiddle;
        var low3 = lowEnds - lowMiddle;
        var high3 = highEnds - highMiddle;
        lowEnds = WidenLow(difference) + half;
        highEnds = WidenHigh(difference) + half;
        lowMiddle = Times(low, F0541, F0541 - F1847);
        highMiddle = Times(high, F0541, F0541 - F1847);
        var low1 = lowEnds + lowMiddle;
        var high1 = highEnds + highMiddle;
        var low2 = lowEnds - lowMiddle;
        var high2 = highEnds - highMiddle;

        // Odd part.
        var z3 = r7 + r3;
        var z4 = r5 + r1;
        var lowZ = Avx2.UnpackLow(z3, z4);
        var highZ = Avx2.UnpackHigh(z3, z4);
        low = Avx2.UnpackLow(r7, r1);
        high = Avx2.UnpackHigh(r7, r1);
        var lowOdd = Times(low, -F0899, F1501 - F0899) + Times(lowZ, F1175, F1175 - F0390);
        var highOdd = Times(high, -F0899, F1501 - F0899) + Times(highZ, F1175, F1175 - F0390);
        r0 = Narrow(low0 + lowOdd, high0 + highOdd, shift);
        var last = Narrow(low0 - lowOdd, high0 - highOdd, shift);
        lowOdd = Times(low, F0298 - F0899, -F0899) + Times(lowZ, F1175 - F1961, F1175);
        highOdd = Times(high, F0298 - F0899, -F0899) + Times(highZ, F1175 - F1961, F1175);
        low = Avx2.UnpackLow(r5, r3);
        high = Avx2.UnpackHigh(r5, r3);
        r7 = last;
        r3 = Narrow(low3 + lowOdd, high3 + highOdd, shift);
        r4 = Narrow(low3 - lowOdd, high3 - highOdd, shift);
        lowOdd = Times(low, F2053 - F2562, -F2562) + Times(lowZ, F1175, F1175 - F0390);
        highOdd = Times(high, F2053 - F2562, -F2562) + Times(highZ, F1175, F1175 - F0390);
        r2 = Narrow(low2 + lowOdd, high2 + highOdd, shift);
        r5 = Narrow(low2 - lowOdd, high2 - highOdd, shift);
        lowOdd = Times(low, -F2562, F3072 - F2562) + Times(lowZ, F1175 - F1961, F1175);
        highOdd = Times(high, -F2562, F3072 - F2562) + Times(highZ, F1175 - F1961, F1175);
        r1 = Narrow(low1 + lowOdd, high1 + highOdd, shift);
        r6 = Narrow(low1 - lowOdd, high1 - highOdd, shift);
    }

    private static Vector256<int> Times(Vector256<short> pairs, int even, int odd) =>
        Avx2.MultiplyAddAdjacent(pairs, Pair(even, odd));

    private static Vector256<short> Pair(int even, int odd) => Vector256.Create((even & 0xFFFF) | (odd << 16)).AsInt16();

    /// <summary>With the 13 bits of fraction.</summary>
    private static Vector256<int> WidenLow(Vector256<short> value) =>
        Avx2.ShiftRightArithmetic(Avx2.UnpackLow(Vector256<short>.Zero, value).AsInt32(), 3);

    private static Vector256<int> WidenHigh(Vector256<short> value) =>
        Avx2.ShiftRightArithmetic(Avx2.UnpackHigh(Vector256<short>.Zero, value).AsInt32(), 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Narrow(Vector256<int> low, Vector256<int> high, int shift) =>
        Avx2.PackSignedSaturate(low >> shift, high >> shift);

    /// <summary>Each half's 8 x 8 numbers by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        ref Vector256<short> r0, ref Vector256<short> r1, ref Vector256<short> r2, ref Vector256<short> r3,
        ref Vector256<short> r4, ref Vector256<short> r5, ref Vector256<short> r6, ref Vector256<short> r7)
    {
        var a0 = Avx2.UnpackLow(r0, r1).AsInt32();
        var a1 = Avx2.UnpackHigh(r0, r1).AsInt32();
        var a2 = Avx2.UnpackLow(r2, r3).AsInt32();
        var a3 = Avx2.UnpackHigh(r2, r3).AsInt32();
        var a4 = Avx2.UnpackLow(r4, r5).AsInt32();
        var a5 = Avx2.UnpackHigh(r4, r5).AsInt32();
        var a6 = Avx2.UnpackLow(r6, r7).AsInt32();
        var a7 = Avx2.UnpackHigh(r6, r7).AsInt32();
        var b0 = Avx2.UnpackLow(a0, a2).AsInt64();
        var b1 = Avx2.UnpackHigh(a0, a2).AsInt64();
        var b2 = Avx2.UnpackLow(a1, a3).AsInt64();
        var b3 = Avx2.UnpackHigh(a1, a3).AsInt64();
        var b4 = Avx2.UnpackLow(a4, a6).AsInt64();
        var b5 = Avx2.UnpackHigh(a4, a6).AsInt64();
        var b6 = Avx2.UnpackLow(a5, a7).AsInt64();
        var b7 = Avx2.UnpackHigh(a5, a7).AsInt64();
        r0 = Avx2.UnpackLow(b0, b4).AsInt16();
        r1 = Avx2.UnpackHigh(b0, b4).AsInt16();
        r2 = Avx2.UnpackLow(b1, b5).AsInt16();
        r3 = Avx2.UnpackHigh(b1, b5).AsInt16();
        r4 = Avx2.UnpackLow(b2, b6).AsInt16();
        r5 = Avx2.UnpackHigh(b2, b6).AsInt16();
        r6 = Avx2.UnpackLow(b3, b7).AsInt16();
        r7 = Avx2.UnpackHigh(b3, b7).AsInt16();
    }

    /// <summary>Two rows: each half holds eight samples of both.</summary>
    private static void StoreRows(Vector256<short> upper, Vector256<short> lower, ref byte samples, nint stride)
    {
        var packed = Avx2.Permute4x64(Avx2.PackSignedSaturate(upper, lower).AsInt64(), 0b_11_01_10_00).AsByte();
        packed ^= Vector256.Create((byte)0x80);
        packed.GetLower().StoreUnsafe(ref samples);
        packed.GetUpper().StoreUnsafe(ref Unsafe.Add(ref samples, stride));
    }
}
