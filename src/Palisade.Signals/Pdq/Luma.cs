using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Pdq;

/// <summary>Turns rows of 8-bit pixels into luma in single precision, 0 to 255, without rounding to steps.</summary>
internal static class Luma
{
    public static void From(ReadOnlySpan<byte> pixels, PixelForm form, Span<float> luma, bool useVectors)
    {
        if (form == PixelForm.Rgb)
        {
            From<RgbPixels>(pixels, luma, useVectors);
        }
        else
        {
            From<GreyPixels>(pixels, luma, useVectors);
        }
    }

    private static void From<TPixels>(ReadOnlySpan<byte> pixels, Span<float> luma, bool useVectors)
        where TPixels : struct, IPixels
    {
        pixels = pixels[..(luma.Length * TPixels.Bytes)];
        ref var source = ref MemoryMarshal.GetReference(pixels);
        var x = 0;
        for (; useVectors && x + 8 <= luma.Length && (x * TPixels.Bytes) + TPixels.Reach <= pixels.Length; x += 8)
        {
            TPixels.Eight(ref Unsafe.Add(ref source, x * TPixels.Bytes)).CopyTo(luma[x..]);
        }

        for (; x < luma.Length; x++)
        {
            luma[x] = TPixels.One(ref Unsafe.Add(ref source, x * TPixels.Bytes));
        }
    }
}
