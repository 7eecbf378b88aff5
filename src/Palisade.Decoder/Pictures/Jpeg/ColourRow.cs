using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Decoder.Pictures.Jpeg;

/// <summary>
/// Turns a row of luma and chroma into packed RGB, rounded and clipped to 8 bits as libjpeg-turbo does.
/// </summary>
/// <remarks>Colour conversion is JFIF 1.02's, with 16 bits of fraction.</remarks>
internal static class ColourRow
{
    // 1.402 - 1, 1.772 - 2, -0.34414 and 1 - 0.71414 with 16 bits of fraction: jdcolor.c of libjpeg.
    private const short RedPart = 26_345, BluePart = -14_942, GreenFromBlue = -22_554, GreenFromRed = 18_734;

    private const int Step = 16;
    private const byte None = 255;

    public static void ToRgb(ReadOnlySpan<byte> luma, ReadOnlySpan<byte> blue, ReadOnlySpan<byte> red, Span<byte> rgb)
    {
        var width = rgb.Length / 3;
        ref var y = ref MemoryMarshal.GetReference(luma[..width]);
        ref var cb = ref MemoryMarshal.GetReference(blue[..width]);
        ref var cr = ref MemoryMarshal.GetReference(red[..width]);
        ref var target = ref MemoryMarshal.GetReference(rgb);
        var x = 0;
        for (; x <= width - Step; x += Step)
        {
            var (first, second, third) = Convert(
                Vector128.LoadUnsafe(ref y, (nuint)x), Vector128.LoadUnsafe(ref cb, (nuint)x), Vector128.LoadUnsafe(ref cr, (nuint)x));
            first.StoreUnsafe(ref target, (nuint)(3 * x));
            second.StoreUnsafe(ref target, (nuint)((3 * x) + 16));
            third.StoreUnsafe(ref target, (nuint)((3 * x) + 32));
        }

        for (; x < width; x++)
        {
            var (pixel, _, _) = Convert(
                Vector128.CreateScalar(luma[x]), Vector128.CreateScalar(blue[x]), Vector128.CreateScalar(red[x]));
            (rgb[3 * x], rgb[(3 * x) + 1], rgb[(3 * x) + 2]) = (pixel[0], pixel[1], pixel[2]);
        }
    }

    /// <summary>Sixteen pixels: 48 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<byte> First, Vector128<byte> Second, Vector128<byte> Third) Convert(
        Vector128<byte> luma, Vector128<byte> blue, Vector128<byte> red)
    {
        var y = Avx2.ConvertToVector256Int16(luma);
        var cb = Avx2.ConvertToVector256Int16(blue) - Vector256.Create((short)128);
        var cr = Avx2.ConvertToVector256Int16(red) - Vector256.Create((short)128);
        var one = Vector256<short>.One;

        var r = y + cr + Avx2.ShiftRightArithmetic(Avx2.MultiplyHigh(cr + cr, Vector256.Create(RedPart)) + one, 1);
        var b = y + cb + cb + Avx2.ShiftRightArithmetic(Avx2.MultiplyHigh(cb + cb, Vector256.Create(BluePart)) + one, 1);
        var parts = Vector256.Create((GreenFromBlue & 0xFFFF) | (GreenFromRed << 16)).AsInt16();
        var half = Vector256.Create(1 << 15);
        var greenLow = Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(cb, cr), parts) + half;
        var greenHigh = Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(cb, cr), parts) + half;
        var g = y - cr + Avx2.PackSignedSaturate(
            Avx2.ShiftRightArithmetic(greenLow, 16), Avx2.ShiftRightArithmetic(greenHigh, 16));
        return Interleave(Clip(r), Clip(g), Clip(b));
    }

    private static Vector128<byte> Clip(Vector256<short> colour) =>
        Sse2.PackUnsignedSaturate(colour.GetLower(), colour.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<byte> First, Vector128<byte> Second, Vector128<byte> Third) Interleave(
        Vector128<byte> r, Vector128<byte> g, Vector128<byte> b)
    {
        const byte n = None;
        return (
            Ssse3.Shuffle(r, Vector128.Create(0, n, n, 1, n, n, 2, n, n, 3, n, n, 4, n, n, 5)) |
            Ssse3.Shuffle(g, Vector128.Create(n, 0, n, n, 1, n, n, 2, n, n, 3, n, n, 4, n, n)) |
            Ssse3.Shuffle(b, Vector128.Create(n, n, 0, n, n, 1, n, n, 2, n, n, 3, n, n, 4, n)),
            Ssse3.Shuffle(r, Vector128.Create(n, n, 6, n, n, 7, n, n, 8, n, n, 9, n, n, 10, n)) |
            Ssse3.Shuffle(g, Vector128.Create(5, n, n, 6, n, n, 7, n, n, 8, n, n, 9, n, n, 10)) |
            Ssse3.Shuffle(b, Vector128.Create(n, 5, n, n, 6, n, n, 7, n, n, 8, n, n, 9, n, n)),
            Ssse3.Shuffle(r, Vector128.Create(n, 11, n, n, 12, n, n, 13, n, n, 14, n, n, 15, n, n)) |
            Ssse3.Shuffle(g, Vector128.Create(n, n, 11, n, n, 12, n, n, 13, n, n, 14, n, n, 15, n)) |
            Ssse3.Shuffle(b, Vector128.Create(10, n, n, 11, n, n, 12, n, n, 13, n, n, 14, n, n, 15)));
    }
}
