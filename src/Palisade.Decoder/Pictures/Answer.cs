using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Pictures;

/// <summary>What goes back up the pipe.</summary>
internal readonly record struct Answer(MessageKind Kind, byte[] Body)
{
    public static Answer Of(DecodedPicture picture) => new(MessageKind.Decoded, picture.ToBytes());

    public static Answer Of(Failure failure) => new(MessageKind.Failed, failure.ToBytes());
}
