namespace Palisade.Signals.Pdq;

/// <summary>Turns rows of 8-bit pixels into luma in single precision, 0 to 255, without rounding to steps.</summary>
internal static class Luma
{
    // Rec. 601 luma, as the reference weighs it.
    private const float RedWeight = 0.299f;
    private const float GreenWeight = 0.587f;
    private const float BlueWeight = 0.114f;

    /// <summary>Packed RGB, three bytes a pixel.</summary>
    public static void FromRgb(ReadOnlySpan<byte> rgb, Span<float> luma)
    {
        for (var x = 0; x < luma.Length; x++)
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
}
