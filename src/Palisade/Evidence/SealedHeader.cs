using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;

namespace Palisade.Evidence;

/// <summary>What a sealed container holds. The number is part of the format.</summary>
public enum SealedPurpose : byte
{
    /// <summary>The bytes as they were uploaded.</summary>
    Original = 1,

    /// <summary>The facts of their capture, as JSON.</summary>
    Facts = 2,
}

/// <summary>
/// The first 64 bytes of a sealed container: 32 that say what it is, 32 that authenticate them and commit to the data key.
/// </summary>
/// <remarks>docs/reference/evidence-container.md has it byte for byte.</remarks>
internal sealed record SealedHeader(EvidenceId Id, SealedPurpose Purpose, int ChunkBytes)
{
    public const int SizeBytes = FieldBytes + MacBytes;

    /// <summary>Size of the part that is associated with every chunk.</summary>
    public const int FieldBytes = 32;

    /// <summary>
    /// Chunk of 256 KiB: it stays in the second-level cache between hashing and encrypting, and tags and calls cost nothing
    /// that can be measured. Measured figures are in docs/reference/performance.md.
    /// </summary>
    public const int UsualChunkBytes = 256 << 10;

    private const int MacBytes = 32;
    private const byte Version = 1;
    private const byte Aes256Gcm = 1;
    private const int LeastExponent = 12;
    private const int MostExponent = 24;

    private static ReadOnlySpan<byte> Magic => "PALISEAL"u8;

    /// <summary>The header with its authenticator under the data key.</summary>
    public byte[] Write(ReadOnlySpan<byte> dataKey)
    {
        var header = new byte[SizeBytes];
        Magic.CopyTo(header);
        header[8] = Version;
        header[9] = Aes256Gcm;
        header[10] = (byte)Purpose;
        header[11] = (byte)BitOperations.Log2((uint)ChunkBytes);
        Id.WriteBytes(header.AsSpan(16, 16));
        Authenticate(dataKey, header.AsSpan(0, FieldBytes), header.AsSpan(FieldBytes));
        return header;
    }

    /// <summary>Reads what the header claims; nothing of it is proven until <see cref="IsGenuine"/> says so.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SealedHeader? header)
    {
        header = null;
        if (bytes.Length < SizeBytes || !bytes.StartsWith(Magic) || bytes[8] != Version || bytes[9] != Aes256Gcm ||
            bytes[10] is not ((byte)SealedPurpose.Original or (byte)SealedPurpose.Facts) ||
            bytes[11] is < LeastExponent or > MostExponent || BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]) != 0)
        {
            return false;
        }

        header = new SealedHeader(EvidenceId.FromBytes(bytes.Slice(16, 16)), (SealedPurpose)bytes[10], 1 << bytes[11]);
        return true;
    }

    /// <summary>Whether the header was written with this data key and not changed since.</summary>
    public static bool IsGenuine(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> dataKey)
    {
        Span<byte> expected = stackalloc byte[MacBytes];
        Authenticate(dataKey, bytes[..FieldBytes], expected);
        return CryptographicOperations.FixedTimeEquals(expected, bytes[FieldBytes..SizeBytes]);
    }

    private static void Authenticate(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> fields, Span<byte> mac)
    {
        Span<byte> key = stackalloc byte[32];
        HKDF.Expand(HashAlgorithmName.SHA256, dataKey, key, "palisade sealed header v1"u8);
        HMACSHA256.HashData(key, fields, mac);
        CryptographicOperations.ZeroMemory(key);
    }
}
