using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Pictures;

/// <summary>What goes back up the pipe.</summary>
internal readonly record struct Answer(MessageKind Kind, byte[] Body)
{
    public static Answer Of(DecodedPicture picture) => new(MessageKind.Decoded, picture.ToBytes());

    public static Answer Of(Failure failure) => new(MessageKind.Failed, failure.ToBytes());

    public static Answer Fail(FailureReason reason, PictureForm form, long actual = 0, long limit = 0) =>
        Of(new Failure(reason, form, actual, limit));

    /// <summary>The refusal of a picture with a side that is too long or too many pixels, or null.</summary>
    public static Answer? RefusalOf(PictureForm form, long width, long height, long maxPixels)
    {
        if (Math.Max(width, height) > DecodedPicture.MaxSide)
        {
            return Fail(FailureReason.SideTooLong, form, Math.Max(width, height), DecodedPicture.MaxSide);
        }

        return width * height > maxPixels ? Fail(FailureReason.TooManyPixels, form, width * height, maxPixels) : null;
    }
}
