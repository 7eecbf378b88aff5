using NetVips;
using Palisade.Decoder.Contract;
using Palisade.Decoder.Headers;
using Palisade.Decoder.Pictures;
using Palisade.Signals.Regions;

namespace Palisade.Decoder.Regions;

/// <summary>Reads an upload's first frame and answers what is asked of its regions.</summary>
/// <remarks>
/// Under the limits of <see cref="PictureDecoder"/>, but turned upright, since where a picture was altered is shown to
/// people. Through libvips: a picture whose regions are looked up has been hashed before, and most are not.
/// </remarks>
internal sealed class RegionReader(WorkerSettings settings)
{
    /// <summary>Longest side of what is kept of a picture, in pixels.</summary>
    private const int KeptSide = 1024;

    private readonly RegionExtractor _extractor = new();

    /// <param name="body">A <see cref="RegionRequest"/> and an upload.</param>
    public Answer Read(byte[] body)
    {
        if (RegionRequest.TryRead(body) is not { } request)
        {
            return Answer.Fail(FailureReason.Corrupt, PictureForm.Unknown);
        }

        var file = body[RegionRequest.HeaderBytes..];
        if (file.Length == 0)
        {
            return Answer.Fail(FailureReason.Empty, PictureForm.Unknown);
        }

        var form = FormSniffer.Identify(file);
        try
        {
            return Take(form, file) ?? Reply(request.Parts);
        }
        catch (VipsException e) when (e.Message.Contains("memory", StringComparison.OrdinalIgnoreCase))
        {
            return Answer.Fail(FailureReason.OutOfMemory, form);
        }
        catch (OutOfMemoryException)
        {
            return Answer.Fail(FailureReason.OutOfMemory, form);
        }
        catch (VipsException)
        {
            return Answer.Fail(FailureReason.Corrupt, form);
        }
    }

    private Answer Reply(RegionParts parts)
    {
        var answer = new RegionAnswer
        {
            Codes = parts.HasFlag(RegionParts.Codes) ? _extractor.Enrol() : null,
            DenseCodes = parts.HasFlag(RegionParts.DenseCodes) ? _extractor.Enrol(RegionCodes.DensePoints) : null,
            Map = parts.HasFlag(RegionParts.Map) ? _extractor.DrawMap() : null,
            Query = parts.HasFlag(RegionParts.Query) ? _extractor.Query() : null,
            Picture = parts.HasFlag(RegionParts.Picture) ? _extractor.CopyPicture() : null,
            Whole = parts.HasFlag(RegionParts.Whole) ? _extractor.CopyWhole() : null,
        };
        return new Answer(MessageKind.RegionsFound, answer.ToBytes(parts));
    }

    /// <summary>Gives the extractor the picture, or answers why not.</summary>
    private Answer? Take(PictureForm form, byte[] file) => form switch
    {
        PictureForm.Jpeg => TakeJpeg(file),
        PictureForm.Png => TakePng(file),
        PictureForm.Gif => GifHeader.TryRead(file) is { } header
            ? Answer.RefusalOf(form, header.Width, header.Height, settings.MaxBufferedPixels) ?? TakeFirstFrame(form, file)
            : Answer.Fail(FailureReason.Corrupt, form),
        PictureForm.Webp or PictureForm.Tiff or PictureForm.Avif => TakeFirstFrame(form, file),
        PictureForm.Heic => TakeHeic(file),
        _ => Answer.Fail(FailureReason.Refused, form, (long)FormSniffer.NameRefused(file)),
    };

    private Answer? TakeJpeg(byte[] file)
    {
        if (JpegHeader.TryRead(file) is not { } header)
        {
            return Answer.Fail(FailureReason.Corrupt, PictureForm.Jpeg);
        }

        if (header.ScanCount > settings.MaxJpegScans)
        {
            return Answer.Fail(FailureReason.TooManyScans, PictureForm.Jpeg, header.ScanCount, settings.MaxJpegScans);
        }

        var pixels = (long)header.Width * header.Height;
        var cap = header.IsBuffered ? settings.MaxBufferedPixels : settings.MaxStreamedPixels;
        var isTooMuch = header.IsBuffered && header.CoefficientBytes > settings.MaxMemoryBytes / 8 * 5;
        if (isTooMuch || pixels / 64 > cap)
        {
            return Answer.Fail(FailureReason.TooManyPixels, PictureForm.Jpeg, pixels, cap);
        }

        // A large picture is reduced as it is decoded, to no less than twice the size that is kept of it.
        var shrink = 1;
        while (shrink < 8 && (pixels / ((long)shrink * shrink) > cap ||
            Math.Max(header.Width, header.Height) / (2 * shrink) >= 2 * KeptSide))
        {
            shrink *= 2;
        }

        using var image = Image.JpegloadBuffer(
            file, shrink: shrink, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        Take(image, header.Orientation);
        return null;
    }

    private Answer? TakePng(byte[] file)
    {
        if (PngHeader.TryRead(file) is not { } header)
        {
            return Answer.Fail(FailureReason.Corrupt, PictureForm.Png);
        }

        var cap = header.IsInterlaced ? settings.MaxBufferedPixels : settings.MaxStreamedPixels;
        if (Answer.RefusalOf(PictureForm.Png, header.Width, header.Height, cap) is { } refusal)
        {
            return refusal;
        }

        using var image = Image.PngloadBuffer(file, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        Take(image, RowHasher.OrientationOf(image));
        return null;
    }

    private Answer? TakeFirstFrame(PictureForm form, byte[] file)
    {
        using var image = form switch
        {
            PictureForm.Gif => Image.GifloadBuffer(file, 1, 0, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error),
            PictureForm.Webp => Image.WebploadBuffer(file, 0, 1, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error),
            PictureForm.Tiff => Image.TiffloadBuffer(file, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error),
            _ => Image.HeifloadBuffer(file, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error),
        };
        if (Answer.RefusalOf(form, image.Width, image.Height, settings.MaxBufferedPixels) is { } refusal)
        {
            return refusal;
        }

        Take(image, RowHasher.OrientationOf(image));
        return null;
    }

    private Answer? TakeHeic(byte[] file)
    {
        if (!SystemHeif.IsPresent)
        {
            return Answer.Fail(FailureReason.NoDecoder, PictureForm.Heic);
        }

        using var picture = SystemHeif.TryOpen(file);
        if (picture is null || picture.Width < 1 || picture.Height < 1)
        {
            return Answer.Fail(FailureReason.Corrupt, PictureForm.Heic);
        }

        if (Answer.RefusalOf(PictureForm.Heic, picture.Width, picture.Height, settings.MaxBufferedPixels) is { } refusal)
        {
            return refusal;
        }

        if (!picture.TryDecode(_extractor.Begin, _extractor.AddRgbRows, settings.MaxBufferedPixels))
        {
            return Answer.Fail(FailureReason.Corrupt, PictureForm.Heic);
        }

        _extractor.Finish(ExifOrientation.AsStored);
        return null;
    }

    private void Take(Image image, int orientation)
    {
        using var samples = RowHasher.ToUnsignedSamples(image);
        using var region = Region.New(samples);
        _extractor.Begin(samples.Width, samples.Height);
        new PixelRows(samples, region).Read(0, samples.Height, _extractor.AddRgbRows, _extractor.AddLumaRows);
        _extractor.Finish(orientation);
    }
}
