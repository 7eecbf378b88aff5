using System.Buffers.Binary;

namespace Palisade.Decoder.Contract;

/// <summary>
/// A request for what an upload declares of its origin: whether its pixels are looked at too (1 byte), the moment by which
/// certificates are judged (8, ms since 1970 UTC), the length of the anchors (4), the anchors, and the upload.
/// </summary>
/// <param name="Anchors">
/// The operator's trusted certificates, each with its use (1 byte: 0 signers, 1 time stamps) and length (4) before it.
/// </param>
public readonly record struct ProvenanceRequest(bool WithPixels, long Now, ReadOnlyMemory<byte> Anchors)
{
    /// <summary>Most bytes of all anchors together.</summary>
    public const int MaxAnchorBytes = 4 << 20;

    /// <summary>Most bytes before the upload: more than any other request has.</summary>
    public const int MaxHeaderBytes = FixedBytes + MaxAnchorBytes;

    private const int FixedBytes = 13;

    public int HeaderBytes => FixedBytes + Anchors.Length;

    public byte[] ToHeader()
    {
        var header = new byte[HeaderBytes];
        header[0] = WithPixels ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(1), Now);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(9), Anchors.Length);
        Anchors.Span.CopyTo(header.AsSpan(FixedBytes));
        return header;
    }

    public static ProvenanceRequest? TryRead(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < FixedBytes)
        {
            return null;
        }

        var span = bytes.Span;
        var anchors = BinaryPrimitives.ReadInt32LittleEndian(span[9..]);
        return anchors < 0 || anchors > MaxAnchorBytes || anchors > bytes.Length - FixedBytes
            ? null
            : new ProvenanceRequest(
                span[0] != 0, BinaryPrimitives.ReadInt64LittleEndian(span[1..]), bytes.Slice(FixedBytes, anchors));
    }
}
