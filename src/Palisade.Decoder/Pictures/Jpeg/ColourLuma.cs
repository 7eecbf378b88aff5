using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Decoder.Pictures.Jpeg;

/// <summary>
/// The luma of a row of luma and chroma as it is after the way through RGB: rounded and clipped to 8-bit colours as
/// libjpeg-turbo does, and weighed as the PDQ reference does.
/// </summary>
/// <remarks>
/// It is not the file's own luma: colours that clip move it. Colour conversion is JFIF 1.02's, with 16 bits of fraction.
/// </remarks>
internal static class ColourLuma
{
    // 1.402 - 1, 1.772 - 2, -0.34414 and 1 - 0.71414 with 16 bits of fraction: jdcolor.c of libjpeg.
    private const short RedPart = 26_345, BluePart = -14_942, GreenFromBlue = -22_554, GreenFromRed = 18_734;

    // Rec. 601, as the reference weighs it.
    private const float RedWeight = 0.299f, GreenWeight = 0.587f, BlueWeight = 0.114f;

    private const int Step = 16;

    public static void Of(ReadOnlySpan<byte> luma, ReadOnlySpan<byte> blue, ReadOnlySpan<byte> red, Span<float> result)
    {
        ref var y = ref MemoryMarshal.GetReference(luma[..result.Length]);
        ref var cb = ref MemoryMarshal.GetReference(blue[..result.Length]);
        ref var cr = ref MemoryMarshal.GetReference(red[..result.Length]);
        ref var target = ref MemoryMarshal.GetReference(result);
        var x = 0;
        for (; x <= result.Length - Step; x += Step)
        {
            var (lower, upper) = Convert(
                Vector128.LoadUnsafe(ref y, (nuint)x), Vector128.LoadUnsafe(ref cb, (nuint)x), Vector128.LoadUnsafe(ref cr, (nuint)x));
            lower.StoreUnsafe(ref target, (nuint)x);
            upper.StoreUnsafe(ref target, (nuint)(x + 8));
        }

        for (; x < result.Length; x++)
        {
            var (lower, _) = Convert(
                Vector128.CreateScalar(luma[x]), Vector128.CreateScalar(blue[x]), Vector128.CreateScalar(red[x]));
            result[x] = lower.ToScalar();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Lower, Vector256<float> Upper) Convert(
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

        (r, g, b) = (Clip(r), Clip(g), Clip(b));
        return (
            Weigh(r.GetLower(), g.GetLower(), b.GetLower()),
            Weigh(r.GetUpper(), g.GetUpper(), b.GetUpper()));
    }

    private static Vector256<short> Clip(Vector256<short> colour) =>
        Avx2.Min(Avx2.Max(colour, Vector256<short>.Zero), Vector256.Create((short)255));

    /// <summary>In the reference's order, and each product rounded by itself.</summary>
    private static Vector256<float> Weigh(Vector128<short> red, Vector128<short> green, Vector128<short> blue)
    {
        var sum = (Number(red) * RedWeight) + (Number(green) * GreenWeight);
        return sum + (Number(blue) * BlueWeight);
    }

    private static Vector256<float> Number(Vector128<short> colour) =>
        Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(colour));
}
