using System.Globalization;
using Palisade.Decoder.Contract;

namespace Palisade.Decoding;

/// <summary>
/// Puts a worker's numbers into the service's words. No text of a worker's own ever comes this far.
/// </summary>
internal static class DecoderAnswers
{
    public static DecodeOutcome? Understand(DecodedPicture? picture) => picture is null
        ? null
        : new DecodeOutcome.Decoded(new PictureFacts
        {
            Format = picture.Form.Word()!,
            Width = picture.Width,
            Height = picture.Height,
            ExifOrientation = picture.ExifOrientation,
            Approximate = picture.Approximate,
            FrameCount = picture.FrameCount,
            Frames = [.. picture.Frames.Select(frame => new FrameFingerprint(frame.Index, frame.Full, frame.Nn512))],
        });

    public static DecodeOutcome? Understand(Failure? failure)
    {
        if (failure is null)
        {
            return null;
        }

        var form = failure.Form.Word();
        return failure.Reason switch
        {
            FailureReason.Empty => new DecodeOutcome.Undecodable(UndecodableReason.Empty, "The file is empty.", form),
            FailureReason.Corrupt => new DecodeOutcome.Undecodable(
                UndecodableReason.Corrupt, "The file ends early or contradicts itself.", form),
            FailureReason.TooManyPixels => new DecodeOutcome.Undecodable(
                UndecodableReason.TooManyPixels,
                Text($"The file claims {failure.Actual:N0} pixels; at most {failure.Limit:N0} are decoded in this form."),
                form),
            FailureReason.SideTooLong => new DecodeOutcome.Undecodable(
                UndecodableReason.TooManyPixels,
                Text($"A side of the picture is {failure.Actual:N0} pixels long; at most {failure.Limit:N0} are decoded."),
                form),
            FailureReason.TooManyScans => new DecodeOutcome.Undecodable(
                UndecodableReason.TooManyScans,
                Text($"The file has {failure.Actual:N0} scans; at most {failure.Limit:N0} are decoded."),
                form),
            FailureReason.OutOfMemory => new DecodeOutcome.Undecodable(
                UndecodableReason.OutOfMemory, "The file needs more memory than a worker has.", form),
            FailureReason.NoDecoder => new DecodeOutcome.Undecodable(
                UndecodableReason.NoDecoder,
                $"This system has no decoder for {form}; installing libheif with its HEVC decoder " +
                "(apt-get install libheif1 libde265-0) adds one.",
                form),
            FailureReason.Refused => new DecodeOutcome.Refused(
                $"{RefusedWords((RefusedForm)Math.Min(failure.Actual, int.MaxValue))} is never decoded. " +
                "Send JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC."),
            _ => null,
        };
    }

    public static DecodeOutcome Of(WorkerDeath death) => death switch
    {
        WorkerDeath.TimedOut => new DecodeOutcome.Undecodable(
            UndecodableReason.TimedOut, "Decoding took longer than it may; the worker was ended."),
        WorkerDeath.MalformedAnswer => new DecodeOutcome.Undecodable(
            UndecodableReason.MalformedAnswer, "The decoder's answer made no sense; the worker was ended."),
        _ => new DecodeOutcome.Undecodable(UndecodableReason.WorkerCrashed, "The decoder's worker died on this file."),
    };

    private static string RefusedWords(RefusedForm form) => form switch
    {
        RefusedForm.Svg => "SVG",
        RefusedForm.Pdf => "PDF",
        RefusedForm.PostScript => "PostScript",
        RefusedForm.Bmp => "BMP",
        RefusedForm.Psd => "A Photoshop document",
        RefusedForm.Icon => "An icon",
        RefusedForm.JpegXl => "JPEG XL",
        RefusedForm.Jpeg2000 => "JPEG 2000",
        RefusedForm.Video => "A video or an unknown HEIF brand",
        RefusedForm.Archive => "An archive",
        RefusedForm.Text => "Text",
        RefusedForm.Raw => "A camera's raw file",
        _ => "A file of unknown form",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
