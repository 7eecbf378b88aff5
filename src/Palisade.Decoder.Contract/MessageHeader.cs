using System.Buffers.Binary;

namespace Palisade.Decoder.Contract;

/// <summary>What a message is. Requests go down the worker's standard input, answers come up its standard output.</summary>
public enum MessageKind
{
    /// <summary>Request: the body is a <see cref="DecodeRequest"/>.</summary>
    Decode = 1,

    /// <summary>Request: the body is an <see cref="EncodeRequest"/>.</summary>
    Encode = 2,

    /// <summary>Request: the body is a <see cref="RegionRequest"/> and an upload.</summary>
    Regions = 3,

    /// <summary>Request: the body is a <see cref="ProvenanceRequest"/> and an upload.</summary>
    Provenance = 4,

    /// <summary>Answer: the worker is up; sent once, under request 0. The body is a <see cref="Hello"/>.</summary>
    Hello = 16,

    /// <summary>Answer: the body is a <see cref="DecodedPicture"/>.</summary>
    Decoded = 17,

    /// <summary>Answer: the body is a <see cref="Failure"/>.</summary>
    Failed = 18,

    /// <summary>Answer: the body is an encoded picture.</summary>
    Encoded = 19,

    /// <summary>Answer: the body is a <see cref="RegionAnswer"/>.</summary>
    RegionsFound = 20,

    /// <summary>Answer: the body is a <see cref="ProvenanceAnswer"/>.</summary>
    ProvenanceRead = 21,
}

/// <summary>
/// The 20 bytes before every body: magic and version, kind, request id, body length; little-endian.
/// </summary>
/// <remarks>An answer repeats the id of its request, so that a late answer is never taken for another's.</remarks>
public readonly record struct MessageHeader(MessageKind Kind, ulong RequestId, int BodyLength)
{
    public const int Size = 20;

    /// <summary>"PLD" and the protocol's version.</summary>
    private const uint MagicAndVersion = 0x02444C50;

    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, MagicAndVersion);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], (int)Kind);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], RequestId);
        BinaryPrimitives.WriteInt32LittleEndian(destination[16..], BodyLength);
    }

    /// <summary>False when the bytes are no header, or claim a body outside 0 to <paramref name="maxBody"/> bytes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int maxBody, out MessageHeader header)
    {
        header = default;
        if (bytes.Length != Size || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != MagicAndVersion)
        {
            return false;
        }

        header = new MessageHeader(
            (MessageKind)BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]));
        return header.BodyLength >= 0 && header.BodyLength <= maxBody;
    }
}
