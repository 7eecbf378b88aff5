using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Headers;

/// <summary>
/// Tells a picture's form by its first bytes, before any library sees it. What is on the list goes to exactly that
/// form's decoder; everything else is refused.
/// </summary>
internal static class FormSniffer
{
    /// <summary>How far into a file text is looked at; enough for a byte-order mark, an XML prologue and a comment.</summary>
    private const int TextWindow = 1024;

    public static PictureForm Identify(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return PictureForm.Jpeg;
        }

        if (file.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        {
            return PictureForm.Png;
        }

        if (file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8))
        {
            return PictureForm.Webp;
        }

        if (file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8))
        {
            return PictureForm.Gif;
        }

        if (IsTiff(file))
        {
            return IsCameraRaw(file) ? PictureForm.Unknown : PictureForm.Tiff;
        }

        return IdentifyHeif(file);
    }

    /// <summary>Names what <see cref="Identify"/> does not decode.</summary>
    public static RefusedForm NameRefused(ReadOnlySpan<byte> file)
    {
        if (IsTiff(file))
        {
            return RefusedForm.Raw;
        }

        if (file.StartsWith("%PDF"u8) || Window(file).IndexOf("%PDF-"u8) >= 0)
        {
            return RefusedForm.Pdf;
        }

        if (file.StartsWith("%!"u8) || file.StartsWith((ReadOnlySpan<byte>)[0xC5, 0xD0, 0xD3, 0xC6]))
        {
            return RefusedForm.PostScript;
        }

        if (file.StartsWith("BM"u8))
        {
            return RefusedForm.Bmp;
        }

        if (file.StartsWith("8BPS"u8))
        {
            return RefusedForm.Psd;
        }

        if (file.StartsWith((ReadOnlySpan<byte>)[0, 0, 1, 0]) || file.StartsWith((ReadOnlySpan<byte>)[0, 0, 2, 0]))
        {
            return RefusedForm.Icon;
        }

        if (file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || (file.Length > 12 && file[4..].StartsWith("JXL "u8)))
        {
            return RefusedForm.JpegXl;
        }

        if (file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]) ||
            (file.Length > 12 && file[4..].StartsWith("jP  "u8)))
        {
            return RefusedForm.Jpeg2000;
        }

        if ((file.Length > 12 && file[4..].StartsWith("ftyp"u8)) ||
            file.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]))
        {
            return RefusedForm.Video;
        }

        if (file.StartsWith("PK"u8) || file.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return RefusedForm.Archive;
        }

        if (Window(file).IndexOf("<svg"u8) >= 0)
        {
            return RefusedForm.Svg;
        }

        return Window(file).IndexOfAnyInRange((byte)0, (byte)8) < 0 ? RefusedForm.Text : RefusedForm.Unknown;
    }

    private static ReadOnlySpan<byte> Window(ReadOnlySpan<byte> file) => file[..Math.Min(file.Length, TextWindow)];

    /// <summary>Classic and BigTIFF, both byte orders.</summary>
    private static bool IsTiff(ReadOnlySpan<byte> file) =>
        file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8) || file.StartsWith("MM\0+"u8);

    /// <summary>Camera files that wear TIFF's header and say so right behind it: Canon's CR2.</summary>
    private static bool IsCameraRaw(ReadOnlySpan<byte> file) => file.Length > 10 && file[8..].StartsWith("CR"u8);

    /// <summary>
    /// ISO base media files name their brand in the first box (ISO/IEC 23008-12, 10.2; AV1 image format 6): the major
    /// brand decides, and behind a neutral one the compatible brands.
    /// </summary>
    private static PictureForm IdentifyHeif(ReadOnlySpan<byte> file)
    {
        if (file.Length < 16 || !file[4..].StartsWith("ftyp"u8))
        {
            return PictureForm.Unknown;
        }

        var length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(file);
        if (length < 16)
        {
            return PictureForm.Unknown;
        }

        var brands = file[8..(int)Math.Min(Math.Min(length, (uint)file.Length), 256)];
        var form = Brand(brands);
        var others = brands.Length > 8 ? brands[8..] : [];
        for (; form == PictureForm.Unknown && others.Length >= 4; others = others[4..])
        {
            form = Brand(others);
        }

        return form;
    }

    private static PictureForm Brand(ReadOnlySpan<byte> brand)
    {
        if (brand.StartsWith("avif"u8) || brand.StartsWith("avis"u8))
        {
            return PictureForm.Avif;
        }

        return brand.StartsWith("heic"u8) || brand.StartsWith("heix"u8) || brand.StartsWith("heim"u8) ||
            brand.StartsWith("heis"u8) || brand.StartsWith("hevc"u8) || brand.StartsWith("hevx"u8)
            ? PictureForm.Heic
            : PictureForm.Unknown;
    }
}
