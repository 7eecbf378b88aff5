using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Pdq;

/// <summary>Turns rows of 8-bit pixels into luma in single precision, 0 to 255, without rounding to steps.</summary>
internal static class Luma
{
    // Rec. 601 luma, as the reference weighs it.
    private const float RedWeight = 0.299f;
    private const float GreenWeight = 0.587f;
    private const float BlueWeight = 0.114f;

    /// <summary>Packed RGB, three bytes a pixel.</summary>
    public static void FromRgb(ReadOnlySpan<byte> rgb, Span<float> luma, bool useVectors)
    {
        for (var x = useVectors ? FromRgbVectors(rgb, luma) : 0; x < luma.Length; x++)
        {
            luma[x] = (RedWeight * rgb[3 * x]) + (GreenWeight * rgb[(3 * x) + 1]) + (BlueWeight * rgb[(3 * x) + 2]);
        }
    }

    /// <summary>A grey picture's bytes are its luma.</summary>
    public static void FromGrey(ReadOnlySpan<byte> grey, Span<float> luma)
    {
        for (var x = 0; x < luma.Length; x++)
        {
            luma[x] = grey[x];
        }
    }

    /// <summary>Converts eight pixels at a time while whole loads fit, and says how many it did.</summary>
    private static int FromRgbVectors(ReadOnlySpan<byte> rgb, Span<float> luma)
    {
        // Four pixels in each half: one colour's four bytes are spread out to four whole numbers.
        var spread = Vector128.Create(0xFFFFFF00u, 0xFFFFFF03u, 0xFFFFFF06u, 0xFFFFFF09u);
        var reds = Vector256.Create(spread, spread);
        var greens = reds + Vector256<uint>.One;
        var blues = greens + Vector256<uint>.One;

        ref var source = ref MemoryMarshal.GetReference(rgb);
        ref var target = ref MemoryMarshal.GetReference(luma);
        var x = 0;

        // The second half's load reaches 4 bytes beyond its pixels.
        for (; x + 8 <= luma.Length && (3 * x) + 28 <= rgb.Length; x += 8)
        {
            var pixels = Vector256.Create(
                Vector128.LoadUnsafe(ref source, (nuint)(3 * x)),
                Vector128.LoadUnsafe(ref source, (nuint)((3 * x) + 12)));
            var sum = (Spread(pixels, reds) * RedWeight) + (Spread(pixels, greens) * GreenWeight);
            sum += Spread(pixels, blues) * BlueWeight;
            sum.StoreUnsafe(ref target, (nuint)x);
        }

        return x;
    }

    private static Vector256<float> Spread(Vector256<byte> pixels, Vector256<uint> places) =>
        Avx.ConvertToVector256Single(Avx2.Shuffle(pixels, places.AsByte()).AsInt32());
}
