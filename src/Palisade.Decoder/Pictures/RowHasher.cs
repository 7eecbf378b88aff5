using NetVips;
using Palisade.Decoder.Contract;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Pictures;

/// <summary>Fingerprints pictures that libvips has opened.</summary>
internal sealed class RowHasher(PdqPairHasher hasher)
{
    /// <summary>The answer to a still picture, or to one whose other frames are not looked at.</summary>
    public Answer Fingerprint(
        Image image, PictureForm form, int width, int height, int orientation, bool isApproximate = false)
    {
        using var samples = ToUnsignedSamples(image);
        using var region = Region.New(samples);
        var frame = Hash(new PixelRows(samples, region), 0, samples.Width, samples.Height, 0);
        var frameCount = Math.Max(1, Number(image, "n-pages", 1));
        return Answer.Of(new DecodedPicture(form, width, height, orientation, isApproximate, frameCount, [frame]));
    }

    public DecodedFrame Hash(PixelRows rows, int top, int width, int height, int frame)
    {
        hasher.Begin(width, height);
        rows.Read(top, height, hasher);
        return Finish(frame);
    }

    /// <summary>Ends a picture whose rows the hasher has been given.</summary>
    public DecodedFrame Finish(int frame)
    {
        var pair = hasher.Finish();
        return new DecodedFrame(frame, pair.Full, hasher.HashesNn512 ? pair.Nn512 : null);
    }

    /// <summary>What the file's EXIF says, read by libvips.</summary>
    public static int OrientationOf(Image image) => Number(image, "orientation", 1) is >= 1 and <= 8 and var said ? said : 1;

    public static int Number(Image image, string field, int otherwise) =>
        image.Contains(field) && image.Get(field) is int number ? number : otherwise;

    /// <summary>8-bit and 16-bit samples pass; signed, 32-bit and floating ones (TIFF) are clipped to 8 bits.</summary>
    public static Image ToUnsignedSamples(Image image)
    {
        if (image.Format is Enums.BandFormat.Uchar or Enums.BandFormat.Ushort)
        {
            return image.Copy();
        }

        if (image.Interpretation is Enums.Interpretation.Lab or Enums.Interpretation.Labs or Enums.Interpretation.Xyz)
        {
            return image.Colourspace(Enums.Interpretation.Srgb);
        }

        return image.Cast(Enums.BandFormat.Uchar);
    }
}
