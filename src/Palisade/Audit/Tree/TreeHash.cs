using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Palisade.Audit.Tree;

/// <summary>A hash of the tree: SHA-256, 32 bytes.</summary>
public readonly record struct TreeHash
{
    public const int SizeBytes = SHA256.HashSizeInBytes;

    /// <summary>Leaves up to this size are hashed without an allocation.</summary>
    private const int SmallLeafBytes = 1024;

    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    public TreeHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeBytes)
        {
            throw new ArgumentException("A hash of the tree has 32 bytes.", nameof(bytes));
        }

        _first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>Root of the tree without leaves (RFC 6962, section 2.1).</summary>
    public static TreeHash Empty { get; } = new(SHA256.HashData(default(ReadOnlySpan<byte>)));

    /// <summary>SHA-256 over a zero byte and the leaf (RFC 6962, section 2.1).</summary>
    public static TreeHash OfLeaf(ReadOnlySpan<byte> leaf)
    {
        var message = leaf.Length <= SmallLeafBytes ? stackalloc byte[1 + leaf.Length] : new byte[1 + leaf.Length];
        message[0] = 0;
        leaf.CopyTo(message[1..]);
        return Hash(message);
    }

    /// <summary>SHA-256 over a byte of one and both children (RFC 6962, section 2.1).</summary>
    public static TreeHash OfNode(in TreeHash left, in TreeHash right)
    {
        Span<byte> message = stackalloc byte[1 + SizeBytes + SizeBytes];
        message[0] = 1;
        left.CopyTo(message[1..]);
        right.CopyTo(message[(1 + SizeBytes)..]);
        return Hash(message);
    }

    public static bool TryParseBase64(string text, out TreeHash hash)
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        var isHash = Convert.TryFromBase64String(text, bytes, out var written) && written == SizeBytes &&
            text.Length == 44 && Convert.ToBase64String(bytes) == text;
        hash = isHash ? new TreeHash(bytes) : default;
        return isHash;
    }

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _first);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _second);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _third);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _fourth);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[SizeBytes];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Base 64, as checkpoints and proofs write it.</summary>
    public override string ToString() => Convert.ToBase64String(ToBytes());

    private static TreeHash Hash(ReadOnlySpan<byte> message)
    {
        Span<byte> digest = stackalloc byte[SizeBytes];
        SHA256.HashData(message, digest);
        return new TreeHash(digest);
    }
}
