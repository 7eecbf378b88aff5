using NetVips;
using Palisade.Decoder.Contract;
using Palisade.Decoder.Headers;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Pictures;

/// <summary>
/// Reads an upload and fingerprints its pixels as they are stored: no EXIF rotation, no blending.
/// </summary>
internal sealed class PictureDecoder
{
    /// <summary>libvips counts rows of all frames together, up to this many (VIPS_MAX_COORD).</summary>
    private const long MaxStackedRows = 10_000_000;

    private readonly PdqPairHasher _hasher = new();
    private readonly RowHasher _rows;
    private readonly JpegDecoder _jpeg;
    private readonly WorkerSettings _settings;

    public PictureDecoder(WorkerSettings settings)
    {
        _settings = settings;
        _rows = new RowHasher(_hasher);
        _jpeg = new JpegDecoder(settings, _hasher, _rows);
    }

    public bool UsesTurboJpeg => _jpeg.UsesTurboJpeg;

    public Answer Decode(byte[] file, DecodeWish wish)
    {
        _hasher.HashesNn512 = wish == DecodeWish.Both;
        if (file.Length == 0)
        {
            return Answer.Fail(FailureReason.Empty, PictureForm.Unknown);
        }

        var form = FormSniffer.Identify(file);
        if (form != PictureForm.Jpeg)
        {
            _jpeg.GiveMemoryBack();
        }

        try
        {
            return form switch
            {
                PictureForm.Jpeg => _jpeg.Decode(file, wish == DecodeWish.Prescreen),
                PictureForm.Png => DecodePng(file),
                PictureForm.Gif => DecodeGif(file),
                PictureForm.Webp => DecodeAnimation(form, file),
                PictureForm.Tiff or PictureForm.Avif => DecodeStill(form, file),
                PictureForm.Heic => DecodeHeic(file),
                _ => Answer.Fail(FailureReason.Refused, form, (long)FormSniffer.NameRefused(file)),
            };
        }
        catch (VipsException e) when (IsOutOfMemory(e))
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

    private Answer DecodePng(byte[] file)
    {
        if (PngHeader.TryRead(file) is not { } header)
        {
            return Answer.Fail(FailureReason.Corrupt, PictureForm.Png);
        }

        var cap = header.IsInterlaced ? _settings.MaxBufferedPixels : _settings.MaxStreamedPixels;
        if (Answer.RefusalOf(PictureForm.Png, header.Width, header.Height, cap) is { } refusal)
        {
            return refusal;
        }

        using var image = Image.PngloadBuffer(file, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        return _rows.Fingerprint(image, PictureForm.Png, image.Width, image.Height, RowHasher.OrientationOf(image));
    }

    /// <summary>Forms whose header the library reads; it decodes no pixel before it is asked for one.</summary>
    private Answer DecodeStill(PictureForm form, byte[] file)
    {
        using var image = form == PictureForm.Tiff
            ? Image.TiffloadBuffer(file, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error)
            : Image.HeifloadBuffer(file, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        return Answer.RefusalOf(form, image.Width, image.Height, _settings.MaxBufferedPixels) ??
            _rows.Fingerprint(image, form, image.Width, image.Height, RowHasher.OrientationOf(image));
    }

    private Answer DecodeHeic(byte[] file)
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

        if (Answer.RefusalOf(PictureForm.Heic, picture.Width, picture.Height, _settings.MaxBufferedPixels) is { } refusal)
        {
            return refusal;
        }

        if (!picture.TryDecode(_hasher, _settings.MaxBufferedPixels))
        {
            return Answer.Fail(FailureReason.Corrupt, PictureForm.Heic);
        }

        return Answer.Of(new DecodedPicture(
            PictureForm.Heic, picture.Width, picture.Height, ExifOrientation.AsStored, false, 1, [_rows.Finish(0)]));
    }

    private Answer DecodeGif(byte[] file) => GifHeader.TryRead(file) is not { } header
        ? Answer.Fail(FailureReason.Corrupt, PictureForm.Gif)
        : Answer.RefusalOf(PictureForm.Gif, header.Width, header.Height, _settings.MaxBufferedPixels) ??
            DecodeAnimation(PictureForm.Gif, file);

    private Answer DecodeAnimation(PictureForm form, byte[] file)
    {
        using var first = LoadFrames(form, file, page: 0, count: 1);
        int width = first.Width, height = first.Height;
        if (Answer.RefusalOf(form, width, height, _settings.MaxBufferedPixels) is { } refusal)
        {
            return refusal;
        }

        var orientation = RowHasher.OrientationOf(first);
        var frameCount = RowHasher.Number(first, "n-pages", 1);
        if (frameCount <= 1)
        {
            return _rows.Fingerprint(first, form, width, height, orientation);
        }

        var chosen = ChooseFrames(frameCount, _settings.MaxFrames);
        var frames = new List<DecodedFrame>(chosen.Count);
        if ((long)height * frameCount <= MaxStackedRows)
        {
            // One pass over the file: each frame needs the one before it.
            using var all = LoadFrames(form, file, page: 0, count: -1);
            using var region = Region.New(all);
            var rows = new PixelRows(all, region);
            frames.AddRange(chosen.Select(frame => _rows.Hash(rows, frame * height, width, height, frame)));
        }
        else
        {
            foreach (var frame in chosen)
            {
                using var one = LoadFrames(form, file, frame, count: 1);
                using var region = Region.New(one);
                frames.Add(_rows.Hash(new PixelRows(one, region), 0, width, height, frame));
            }
        }

        return Answer.Of(new DecodedPicture(form, width, height, orientation, false, frameCount, frames));
    }

    private static Image LoadFrames(PictureForm form, byte[] file, int page, int count) => form == PictureForm.Gif
        ? Image.GifloadBuffer(file, count, page, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error)
        : Image.WebploadBuffer(file, page, count, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);

    /// <summary>Frame 0, then evenly spaced ones up to the last.</summary>
    private static List<int> ChooseFrames(int frameCount, int most) =>
        frameCount <= most
            ? [.. Enumerable.Range(0, frameCount)]
            : [.. Enumerable.Range(0, most).Select(i => (int)((long)i * (frameCount - 1) / (most - 1)))];

    private static bool IsOutOfMemory(VipsException e) =>
        e.Message.Contains("memory", StringComparison.OrdinalIgnoreCase) ||
        e.Message.Contains("alloc", StringComparison.OrdinalIgnoreCase);
}
