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
        var rows = new Rows
        {
            R0 = Row(ref pair, ref quantiser, 0),
            R1 = Row(ref pair, ref quantiser, 1),
            R2 = Row(ref pair, ref quantiser, 2),
            R3 = Row(ref pair, ref quantiser, 3),
            R4 = Row(ref pair, ref quantiser, 4),
            R5 = Row(ref pair, ref quantiser, 5),
            R6 = Row(ref pair, ref quantiser, 6),
            R7 = Row(ref pair, ref quantiser, 7),
        };
        var tooLarge = Avx2.CompareGreaterThan(Avx2.Abs(rows.R0).AsInt16(), Vector256.Create(LargestFirstRow)) |
            Avx2.CompareEqual(rows.R0, Vector256.Create(short.MinValue));

        Pass(ref rows, Vector256.Create(1 << 10), 11);
        Transpose(ref rows);
        Pass(ref rows, Vector256.Create(1 << 17), 18);
        Transpose(ref rows);

        StoreRows(rows.R0, rows.R1, ref samples, stride);
        StoreRows(rows.R2, rows.R3, ref Unsafe.Add(ref samples, 2 * stride), stride);
        StoreRows(rows.R4, rows.R5, ref Unsafe.Add(ref samples, 4 * stride), stride);
        StoreRows(rows.R6, rows.R7, ref Unsafe.Add(ref samples, 6 * stride), stride);
        return tooLarge == Vector256<short>.Zero;
    }

    private static Vector256<short> Row(ref short pair, ref short quantiser, nuint row) => Avx2.MultiplyLow(
        Vector256.LoadUnsafe(ref pair, 16 * row), Vector256.LoadUnsafe(ref quantiser, 16 * row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pass(ref Rows rows, Vector256<int> half, int shift)
    {
        // Even part.
        var low = Avx2.UnpackLow(rows.R2, rows.R6);
        var high = Avx2.UnpackHigh(rows.R2, rows.R6);
        var (first, second) = (Pair(F0541 + F0765, F0541), Pair(F0541, F0541 - F1847));
        var (even3Low, even3High) = (Avx2.MultiplyAddAdjacent(low, first), Avx2.MultiplyAddAdjacent(high, first));
        var (even2Low, even2High) = (Avx2.MultiplyAddAdjacent(low, second), Avx2.MultiplyAddAdjacent(high, second));
        var sum = rows.R0 + rows.R4;
        var difference = rows.R0 - rows.R4;
        var (even0Low, even0High) = (WidenLow(sum), WidenHigh(sum));
        var (even1Low, even1High) = (WidenLow(difference), WidenHigh(difference));
        var (t10Low, t10High) = (even0Low + even3Low, even0High + even3High);
        var (t13Low, t13High) = (even0Low - even3Low, even0High - even3High);
        var (t11Low, t11High) = (even1Low + even2Low, even1High + even2High);
        var (t12Low, t12High) = (even1Low - even2Low, even1High - even2High);

        // Odd part.
        var z3 = rows.R7 + rows.R3;
        var z4 = rows.R5 + rows.R1;
        low = Avx2.UnpackLow(z3, z4);
        high = Avx2.UnpackHigh(z3, z4);
        (first, second) = (Pair(F1175 - F1961, F1175), Pair(F1175, F1175 - F0390));
        var (z3Low, z3High) = (Avx2.MultiplyAddAdjacent(low, first), Avx2.MultiplyAddAdjacent(high, first));
        var (z4Low, z4High) = (Avx2.MultiplyAddAdjacent(low, second), Avx2.MultiplyAddAdjacent(high, second));

        low = Avx2.UnpackLow(rows.R7, rows.R1);
        high = Avx2.UnpackHigh(rows.R7, rows.R1);
        (first, second) = (Pair(F0298 - F0899, -F0899), Pair(-F0899, F1501 - F0899));
        var (odd0Low, odd0High) = (Avx2.MultiplyAddAdjacent(low, first) + z3Low, Avx2.MultiplyAddAdjacent(high, first) + z3High);
        var (odd3Low, odd3High) = (Avx2.MultiplyAddAdjacent(low, second) + z4Low, Avx2.MultiplyAddAdjacent(high, second) + z4High);

        low = Avx2.UnpackLow(rows.R5, rows.R3);
        high = Avx2.UnpackHigh(rows.R5, rows.R3);
        (first, second) = (Pair(F2053 - F2562, -F2562), Pair(-F2562, F3072 - F2562));
        var (odd1Low, odd1High) = (Avx2.MultiplyAddAdjacent(low, first) + z4Low, Avx2.MultiplyAddAdjacent(high, first) + z4High);
        var (odd2Low, odd2High) = (Avx2.MultiplyAddAdjacent(low, second) + z3Low, Avx2.MultiplyAddAdjacent(high, second) + z3High);

        (t10Low, t10High) = (t10Low + half, t10High + half);
        (t11Low, t11High) = (t11Low + half, t11High + half);
        (t12Low, t12High) = (t12Low + half, t12High + half);
        (t13Low, t13High) = (t13Low + half, t13High + half);
        rows.R0 = Narrow(t10Low + odd3Low, t10High + odd3High, shift);
        rows.R7 = Narrow(t10Low - odd3Low, t10High - odd3High, shift);
        rows.R1 = Narrow(t11Low + odd2Low, t11High + odd2High, shift);
        rows.R6 = Narrow(t11Low - odd2Low, t11High - odd2High, shift);
        rows.R2 = Narrow(t12Low + odd1Low, t12High + odd1High, shift);
        rows.R5 = Narrow(t12Low - odd1Low, t12High - odd1High, shift);
        rows.R3 = Narrow(t13Low + odd0Low, t13High + odd0High, shift);
        rows.R4 = Narrow(t13Low - odd0Low, t13High - odd0High, shift);
    }

    private static Vector256<short> Pair(int even, int odd) => Vector256.Create((ushort)even | (odd << 16)).AsInt16();

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
    private static void Transpose(ref Rows rows)
    {
        var a0 = Avx2.UnpackLow(rows.R0, rows.R1).AsInt32();
        var a1 = Avx2.UnpackHigh(rows.R0, rows.R1).AsInt32();
        var a2 = Avx2.UnpackLow(rows.R2, rows.R3).AsInt32();
        var a3 = Avx2.UnpackHigh(rows.R2, rows.R3).AsInt32();
        var a4 = Avx2.UnpackLow(rows.R4, rows.R5).AsInt32();
        var a5 = Avx2.UnpackHigh(rows.R4, rows.R5).AsInt32();
        var a6 = Avx2.UnpackLow(rows.R6, rows.R7).AsInt32();
        var a7 = Avx2.UnpackHigh(rows.R6, rows.R7).AsInt32();
        var b0 = Avx2.UnpackLow(a0, a2).AsInt64();
        var b1 = Avx2.UnpackHigh(a0, a2).AsInt64();
        var b2 = Avx2.UnpackLow(a1, a3).AsInt64();
        var b3 = Avx2.UnpackHigh(a1, a3).AsInt64();
        var b4 = Avx2.UnpackLow(a4, a6).AsInt64();
        var b5 = Avx2.UnpackHigh(a4, a6).AsInt64();
        var b6 = Avx2.UnpackLow(a5, a7).AsInt64();
        var b7 = Avx2.UnpackHigh(a5, a7).AsInt64();
        rows.R0 = Avx2.UnpackLow(b0, b4).AsInt16();
        rows.R1 = Avx2.UnpackHigh(b0, b4).AsInt16();
        rows.R2 = Avx2.UnpackLow(b1, b5).AsInt16();
        rows.R3 = Avx2.UnpackHigh(b1, b5).AsInt16();
        rows.R4 = Avx2.UnpackLow(b2, b6).AsInt16();
        rows.R5 = Avx2.UnpackHigh(b2, b6).AsInt16();
        rows.R6 = Avx2.UnpackLow(b3, b7).AsInt16();
        rows.R7 = Avx2.UnpackHigh(b3, b7).AsInt16();
    }

    /// <summary>Two rows: each half holds eight samples of both.</summary>
    private static void StoreRows(Vector256<short> upper, Vector256<short> lower, ref byte samples, nint stride)
    {
        var packed = Avx2.Permute4x64(Avx2.PackSignedSaturate(upper, lower).AsInt64(), 0b_11_01_10_00).AsByte();
        packed ^= Vector256.Create((byte)0x80);
        packed.GetLower().StoreUnsafe(ref samples);
        packed.GetUpper().StoreUnsafe(ref Unsafe.Add(ref samples, stride));
    }

    /// <summary>Eight rows of sixteen: one block's row in the lower half, the other's in the upper.</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct Rows
    {
        public Vector256<short> R0, R1, R2, R3, R4, R5, R6, R7;
    }
}
