using NetVips;

namespace Palisade.Signals.Tests.Pdq;

/// <summary>A conformance file's pixels as packed 8-bit RGB, decoded the way the reference's users decode.</summary>
/// <remarks>No EXIF rotation; transparency is dropped, not blended.</remarks>
internal sealed record DecodedPicture(byte[] Rgb, int Width, int Height)
{
    public static DecodedPicture Read(string path)
    {
        using var image = Image.NewFromFile(path);
        using var opaque = image.HasAlpha() ? image.ExtractBand(0, n: image.Bands - 1) : image.Copy();
        using var rgb = opaque.Colourspace(Enums.Interpretation.Srgb);
        using var bytes = rgb.Cast(Enums.BandFormat.Uchar);
        return new DecodedPicture(bytes.WriteToMemory<byte>(), bytes.Width, bytes.Height);
    }
}
