using NetVips;
using Palisade.Decoder.Contract;
using Palisade.Decoder.Headers;
using Palisade.Decoder.Pictures.Jpeg;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Pictures;

/// <summary>JPEG: through libjpeg-turbo where the system has it and the picture allows, else through libvips.</summary>
internal sealed class JpegDecoder(WorkerSettings settings, PdqPairHasher hasher, RowHasher rows)
{
    /// <summary>Our own code holds the file twice, and two of the largest would not fit a worker's heap.</summary>
    private const int MaxOwnBytes = 32 << 20;

    private readonly BaselineJpeg? _own = settings.UseTurboJpeg && BaselineJpeg.IsSupported ? new BaselineJpeg() : null;
    private readonly TurboJpeg? _turbo = settings.UseTurboJpeg ? TurboJpeg.TryCreate() : null;

    public bool UsesTurboJpeg => _turbo is not null;

    /// <param name="mayEstimate">Whether an estimate will do.</param>
    public Answer Decode(byte[] file, bool mayEstimate)
    {
        if (JpegHeader.TryRead(file) is not { } header)
        {
            return Answer.Fail(FailureReason.Corrupt, PictureForm.Jpeg);
        }

        if (header.ScanCount > settings.MaxJpegScans)
        {
            return Answer.Fail(FailureReason.TooManyScans, PictureForm.Jpeg, header.ScanCount, settings.MaxJpegScans);
        }

        var cap = header.IsBuffered ? settings.MaxBufferedPixels : settings.MaxStreamedPixels;
        var shrink = 1;
        while (PixelsOf(header, shrink) > cap && shrink < 8)
        {
            shrink *= 2;
        }

        // Shrinking saves no coefficient: all of them are held whatever the size of the result.
        var isTooMuch = header.IsBuffered && header.CoefficientBytes > settings.MaxMemoryBytes / 8 * 5;
        if (isTooMuch || PixelsOf(header, shrink) > cap)
        {
            return Answer.Fail(FailureReason.TooManyPixels, PictureForm.Jpeg, PixelsOf(header, 1), cap);
        }

        if (mayEstimate && shrink == 1 && _turbo?.TryEstimate(file, header, hasher) == true)
        {
            return Answer.Of(new DecodedPicture(
                PictureForm.Jpeg, header.Width, header.Height, header.Orientation, false, 1, [rows.Finish(0)])
            {
                IsEstimate = true,
            });
        }

        var isDecoded = shrink == 1 &&
            ((file.Length <= MaxOwnBytes && _own?.TryDecode(file, header, hasher) == true) || _turbo?.TryDecode(file, header, hasher) == true);
        if (isDecoded)
        {
            return Answer.Of(new DecodedPicture(
                PictureForm.Jpeg, header.Width, header.Height, header.Orientation, false, 1, [rows.Finish(0)]));
        }

        GiveMemoryBack();
        using var image = Image.JpegloadBuffer(
            file, shrink: shrink, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        return rows.Fingerprint(
            image, PictureForm.Jpeg, header.Width, header.Height, header.Orientation, isApproximate: shrink > 1);
    }

    /// <summary>Before a picture that may need the memory elsewhere.</summary>
    public void GiveMemoryBack() => _turbo?.GiveMemoryBack();

    private static long PixelsOf(in JpegHeader header, int shrink) =>
        (long)((header.Width + shrink - 1) / shrink) * ((header.Height + shrink - 1) / shrink);
}
