using NetVips;
using Palisade.Decoder.Contract;
using Palisade.Decoder.Headers;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Pictures;

/// <summary>
/// Reads an upload and fingerprints its pixels as they are stored: no EXIF rotation, no blending.
/// </summary>
internal sealed class PictureDecoder(WorkerSettings settings)
{
    /// <summary>libvips counts rows of all frames together, up to this many (VIPS_MAX_COORD).</summary>
    private const long MaxStackedRows = 10_000_000;

    private readonly PdqPairHasher _hasher = new();

    public Answer Decode(byte[] file)
    {
        if (file.Length == 0)
        {
            return Fail(FailureReason.Empty, PictureForm.Unknown);
        }

        var form = FormSniffer.Identify(file);
        try
        {
            return form switch
            {
                PictureForm.Jpeg => DecodeJpeg(file),
                PictureForm.Png => DecodePng(file),
                PictureForm.Webp or PictureForm.Gif => DecodeAnimation(form, file),
                PictureForm.Tiff or PictureForm.Avif => DecodeStill(form, file),
                PictureForm.Heic => DecodeHeic(file),
                _ => Fail(FailureReason.Refused, form, (long)FormSniffer.NameRefused(file)),
            };
        }
        catch (VipsException e) when (IsOutOfMemory(e))
        {
            return Fail(FailureReason.OutOfMemory, form);
        }
        catch (OutOfMemoryException)
        {
            return Fail(FailureReason.OutOfMemory, form);
        }
        catch (VipsException)
        {
            return Fail(FailureReason.Corrupt, form);
        }
    }

    private Answer DecodeJpeg(byte[] file)
    {
        if (JpegHeader.TryRead(file) is not { } header)
        {
            return Fail(FailureReason.Corrupt, PictureForm.Jpeg);
        }

        if (header.ScanCount > settings.MaxJpegScans)
        {
            return Fail(FailureReason.TooManyScans, PictureForm.Jpeg, header.ScanCount, settings.MaxJpegScans);
        }

        var cap = header.IsBuffered ? settings.MaxBufferedPixels : settings.MaxStreamedPixels;
        var shrink = 1;
        while (PixelsOf(header.Width, header.Height, shrink) > cap)
        {
            shrink *= 2;
            if (shrink > 8)
            {
                return TooManyPixels(PictureForm.Jpeg, header.Width, header.Height, cap);
            }
        }

        // Shrinking saves no coefficient: all of them are held whatever the size of the result.
        if (header.IsBuffered && header.CoefficientBytes > settings.MaxMemoryBytes / 8 * 5)
        {
            return TooManyPixels(PictureForm.Jpeg, header.Width, header.Height, cap);
        }

        using var image = Image.JpegloadBuffer(
            file, shrink: shrink, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        return Fingerprint(image, PictureForm.Jpeg, header.Width, header.Height, shrink > 1);
    }

    private Answer DecodePng(byte[] file)
    {
        if (PngHeader.TryRead(file) is not { } header)
        {
            return Fail(FailureReason.Corrupt, PictureForm.Png);
        }

        var cap = header.IsInterlaced ? settings.MaxBufferedPixels : settings.MaxStreamedPixels;
        if (header.Width * header.Height > cap)
        {
            return TooManyPixels(PictureForm.Png, header.Width, header.Height, cap);
        }

        using var image = Image.PngloadBuffer(file, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        return Fingerprint(image, PictureForm.Png, image.Width, image.Height, isApproximate: false);
    }

    /// <summary>Forms whose header the library reads; it decodes no pixel before it is asked for one.</summary>
    private Answer DecodeStill(PictureForm form, byte[] file)
    {
        using var image = form == PictureForm.Tiff
            ? Image.TiffloadBuffer(file, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error)
            : Image.HeifloadBuffer(file, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        return (long)image.Width * image.Height > settings.MaxBufferedPixels
            ? TooManyPixels(form, image.Width, image.Height, settings.MaxBufferedPixels)
            : Fingerprint(image, form, image.Width, image.Height, isApproximate: false);
    }

    private Answer DecodeHeic(byte[] file)
    {
        if (!SystemHeif.IsPresent)
        {
            return Fail(FailureReason.NoDecoder, PictureForm.Heic);
        }

        using var picture = SystemHeif.TryOpen(file);
        if (picture is null || picture.Width < 1 || picture.Height < 1)
        {
            return Fail(FailureReason.Corrupt, PictureForm.Heic);
        }

        if ((long)picture.Width * picture.Height > settings.MaxBufferedPixels)
        {
            return TooManyPixels(PictureForm.Heic, picture.Width, picture.Height, settings.MaxBufferedPixels);
        }

        if (!picture.TryDecode(_hasher, settings.MaxBufferedPixels))
        {
            return Fail(FailureReason.Corrupt, PictureForm.Heic);
        }

        var pair = _hasher.Finish();
        return Answer.Of(new DecodedPicture(
            PictureForm.Heic, picture.Width, picture.Height, 1, false, 1, [new DecodedFrame(0, pair.Full, pair.Nn512)]));
    }

    private Answer DecodeAnimation(PictureForm form, byte[] file)
    {
        using var first = LoadFrames(form, file, page: 0, count: 1);
        int width = first.Width, height = first.Height;
        if ((long)width * height > settings.MaxBufferedPixels)
        {
            return TooManyPixels(form, width, height, settings.MaxBufferedPixels);
        }

        var frameCount = Number(first, "n-pages", 1);
        if (frameCount <= 1)
        {
            return Fingerprint(first, form, width, height, isApproximate: false);
        }

        var chosen = ChooseFrames(frameCount, settings.MaxFrames);
        var frames = new List<DecodedFrame>(chosen.Count);
        if ((long)height * frameCount <= MaxStackedRows)
        {
            // One pass over the file: each frame needs the one before it.
            using var all = LoadFrames(form, file, page: 0, count: -1);
            using var region = Region.New(all);
            var rows = new PixelRows(all, region);
            frames.AddRange(chosen.Select(frame => Hash(rows, frame * height, width, height, frame)));
        }
        else
        {
            foreach (var frame in chosen)
            {
                using var one = LoadFrames(form, file, frame, count: 1);
                using var region = Region.New(one);
                frames.Add(Hash(new PixelRows(one, region), 0, width, height, frame));
            }
        }

        return Answer.Of(new DecodedPicture(form, width, height, OrientationOf(first), false, frameCount, frames));
    }

    private static Image LoadFrames(PictureForm form, byte[] file, int page, int count) => form == PictureForm.Gif
        ? Image.GifloadBuffer(file, count, page, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error)
        : Image.WebploadBuffer(file, page, count, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);

    /// <summary>Frame 0, then evenly spaced ones up to the last.</summary>
    private static List<int> ChooseFrames(int frameCount, int most) =>
        frameCount <= most
            ? [.. Enumerable.Range(0, frameCount)]
            : [.. Enumerable.Range(0, most).Select(i => (int)((long)i * (frameCount - 1) / (most - 1)))];

    private Answer Fingerprint(Image image, PictureForm form, int width, int height, bool isApproximate)
    {
        using var samples = ToUnsignedSamples(image);
        using var region = Region.New(samples);
        var frame = Hash(new PixelRows(samples, region), 0, samples.Width, samples.Height, 0);
        var frameCount = Math.Max(1, Number(image, "n-pages", 1));
        return Answer.Of(new DecodedPicture(form, width, height, OrientationOf(image), isApproximate, frameCount, [frame]));
    }

    private DecodedFrame Hash(PixelRows rows, int top, int width, int height, int frame)
    {
        _hasher.Begin(width, height);
        rows.Read(top, height, _hasher);
        var pair = _hasher.Finish();
        return new DecodedFrame(frame, pair.Full, pair.Nn512);
    }

    /// <summary>8-bit and 16-bit samples pass; signed, 32-bit and floating ones (TIFF) are clipped to 8 bits.</summary>
    private static Image ToUnsignedSamples(Image image)
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

    private static int OrientationOf(Image image) => Number(image, "orientation", 1) is >= 1 and <= 8 and var said ? said : 1;

    private static int Number(Image image, string field, int otherwise) =>
        image.Contains(field) && image.Get(field) is int number ? number : otherwise;

    private static long PixelsOf(int width, int height, int shrink) =>
        (long)((width + shrink - 1) / shrink) * ((height + shrink - 1) / shrink);

    private static bool IsOutOfMemory(VipsException e) =>
        e.Message.Contains("memory", StringComparison.OrdinalIgnoreCase) ||
        e.Message.Contains("alloc", StringComparison.OrdinalIgnoreCase);

    private static Answer TooManyPixels(PictureForm form, long width, long height, long cap) =>
        Fail(FailureReason.TooManyPixels, form, width * height, cap);

    private static Answer Fail(FailureReason reason, PictureForm form, long actual = 0, long limit = 0) =>
        Answer.Of(new Failure(reason, form, actual, limit));
}
