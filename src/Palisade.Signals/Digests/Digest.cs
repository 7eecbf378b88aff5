using System.Buffers.Binary;

namespace Palisade.Signals.Digests;

/// <summary>The cryptographic digests that lists of the field carry.</summary>
public enum DigestType
{
    Md5,
    Sha1,
    Sha256,
}

/// <summary>
/// A digest of a file's bytes: 16 (MD5), 20 (SHA-1) or 32 (SHA-256) bytes; lower-case hexadecimal as text.
/// </summary>
public readonly record struct Digest
{
    private readonly ulong _word0;
    private readonly ulong _word1;
    private readonly ulong _word2;
    private readonly ulong _word3;

    public Digest(DigestType type, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeOf(type))
        {
            throw new ArgumentException($"{type} has {SizeOf(type)} bytes, not {bytes.Length}.", nameof(bytes));
        }

        Span<byte> padded = stackalloc byte[32];
        padded.Clear();
        bytes.CopyTo(padded);
        Type = type;
        _word0 = BinaryPrimitives.ReadUInt64BigEndian(padded);
        _word1 = BinaryPrimitives.ReadUInt64BigEndian(padded[8..]);
        _word2 = BinaryPrimitives.ReadUInt64BigEndian(padded[16..]);
        _word3 = BinaryPrimitives.ReadUInt64BigEndian(padded[24..]);
    }

    public DigestType Type { get; }

    /// <summary>The first 64 bits.</summary>
    internal ulong Leading => _word0;

    /// <summary>Size in bytes: 16, 20 or 32.</summary>
    public static int SizeOf(DigestType type) => type switch
    {
        DigestType.Md5 => 16,
        DigestType.Sha1 => 20,
        DigestType.Sha256 => 32,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Reads hexadecimal digits of the type's length, upper or lower case.</summary>
    public static bool TryParse(DigestType type, ReadOnlySpan<char> text, out Digest digest)
    {
        Span<byte> bytes = stackalloc byte[32];
        bytes = bytes[..SizeOf(type)];
        if (text.Length != 2 * bytes.Length ||
            Convert.FromHexString(text, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            digest = default;
            return false;
        }

        digest = new Digest(type, bytes);
        return true;
    }

    /// <summary>Writes the digest's bytes and returns how many.</summary>
    public int WriteTo(Span<byte> destination)
    {
        Span<byte> padded = stackalloc byte[32];
        BinaryPrimitives.WriteUInt64BigEndian(padded, _word0);
        BinaryPrimitives.WriteUInt64BigEndian(padded[8..], _word1);
        BinaryPrimitives.WriteUInt64BigEndian(padded[16..], _word2);
        BinaryPrimitives.WriteUInt64BigEndian(padded[24..], _word3);
        padded[..SizeOf(Type)].CopyTo(destination);
        return SizeOf(Type);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[SizeOf(Type)];
        WriteTo(bytes);
        return bytes;
    }

    /// <summary>Orders by bytes, then by type.</summary>
    internal int CompareTo(in Digest other) =>
        _word0 != other._word0 ? _word0.CompareTo(other._word0)
        : _word1 != other._word1 ? _word1.CompareTo(other._word1)
        : _word2 != other._word2 ? _word2.CompareTo(other._word2)
        : _word3 != other._word3 ? _word3.CompareTo(other._word3)
        : ((int)Type).CompareTo((int)other.Type);

    public override string ToString() => Convert.ToHexStringLower(ToBytes());
}

/// <summary>The three digests of one file's bytes as uploaded.</summary>
public readonly record struct FileDigests(Digest Md5, Digest Sha1, Digest Sha256);
