using NetVips;
using Palisade.Decoder.Contract;
using Palisade.Decoder.Provenance.Containers;
using Palisade.Decoder.Provenance.Texts;

namespace Palisade.Decoder.Provenance.Pixels;

/// <summary>Looks for text in the lowest bits of pixels, and for the open watermarks of Stable Diffusion's scripts.</summary>
internal static class PixelReader
{
    public static void Read(
        PictureForm form, ReadOnlyMemory<byte> file, WorkerSettings settings, FileParts parts, List<ProvenanceFinding> findings)
    {
        try
        {
            using var image = Open(form, file.ToArray());
            if (image is null || image.Format != Enums.BandFormat.Uchar || image.Bands is not (3 or 4) ||
                (long)image.Width * image.Height > settings.MaxBufferedPixels / 2)
            {
                return;
            }

            var pixels = image.WriteToMemory<byte>();
            if (form is PictureForm.Png or PictureForm.Webp && StealthText.Read(pixels, image.Width, image.Height, image.Bands) is { } hidden &&
                GeneratorText.ReadUnnamed("pixel-lsb:" + hidden.Magic, hidden.Text) is { } finding)
            {
                findings.Add(finding with { Strength = DeclarationStrength.UnsignedPixel });
            }

            if (Watermark.Read(pixels, image.Width, image.Height, image.Bands) is { } mark)
            {
                findings.Add(mark);
            }
        }
        catch (VipsException)
        {
            parts.Report("pixels: the picture could not be decoded");
        }
    }

    private static Image? Open(PictureForm form, byte[] file) => form switch
    {
        PictureForm.Jpeg => Image.JpegloadBuffer(file, failOn: Enums.FailOn.Error),
        PictureForm.Png => Image.PngloadBuffer(file, failOn: Enums.FailOn.Error),
        PictureForm.Webp => Image.WebploadBuffer(file, 0, 1, failOn: Enums.FailOn.Error),
        _ => null,
    };
}
