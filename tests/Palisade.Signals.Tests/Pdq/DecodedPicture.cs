using NetVips;

namespace Palisade.Signals.Tests.Pdq;

/// <summary>A conformance file's pixels as packed 8-bit RGB, decoded the way the published values were.</summary>
/// <remarks>
/// No EXIF rotation; transparency is dropped, not blended; 16-bit grey is cut off at 255; CMYK is turned into RGB by
/// the plain formula, without a colour profile.
/// </remarks>
internal sealed record DecodedPicture(byte[] Rgb, int Width, int Height)
{
    public static DecodedPicture Read(string path)
    {
        using var image = Image.NewFromFile(path);
        var bytes = image.Interpretation == Enums.Interpretation.Cmyk ? image : ToRgb(image);
        var pixels = bytes.WriteToMemory<byte>();
        return new DecodedPicture(bytes.Bands == 4 ? FromCmyk(pixels) : pixels, bytes.Width, bytes.Height);
    }

    private static Image ToRgb(Image image)
    {
        var opaque = image.HasAlpha() ? image.ExtractBand(0, n: image.Bands - 1) : image;
        var eightBit = opaque.Interpretation == Enums.Interpretation.Grey16
            ? opaque.Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Bw)
            : opaque;
        return eightBit.Colourspace(Enums.Interpretation.Srgb).Cast(Enums.BandFormat.Uchar);
    }

    private static byte[] FromCmyk(byte[] cmyk)
    {
        var rgb = new byte[cmyk.Length / 4 * 3];
        for (var pixel = 0; pixel < cmyk.Length / 4; pixel++)
        {
            var light = 255 - cmyk[(4 * pixel) + 3];
            for (var band = 0; band < 3; band++)
            {
                rgb[(3 * pixel) + band] = (byte)(light - (((cmyk[(4 * pixel) + band] * light) + 127) / 255));
            }
        }

        return rgb;
    }
}
