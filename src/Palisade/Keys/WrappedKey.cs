using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Palisade.Keys;

/// <summary>
/// A data key of 256 bits as it is wrapped for a sealing key: suite (2 bytes, 1), number of the sealing key (8 bytes), the
/// HPKE message (80 bytes). All numbers are big-endian. docs/reference/evidence-container.md has it byte for byte.
/// </summary>
internal static class WrappedKey
{
    public const int DataKeyBytes = 32;

    /// <summary>HPKE with X25519, HKDF-SHA-256 and AES-256-GCM; a hybrid suite will be another number with another length.</summary>
    public const ushort Suite = 1;

    public const int SizeBytes = 2 + 8 + Hpke.PublicKeyBytes + DataKeyBytes + Hpke.TagBytes;

    private const int MessageAt = 10;

    public static byte[] Wrap(long number, PublicKey key, ReadOnlySpan<byte> dataKey, string bound)
    {
        using var ephemeral = Key.Create(KeyAgreementAlgorithm.X25519);
        return Wrap(number, ephemeral, key, dataKey, bound);
    }

    /// <summary>With an ephemeral key of the caller's choice, which only the published vectors may use.</summary>
    internal static byte[] Wrap(long number, Key ephemeral, PublicKey key, ReadOnlySpan<byte> dataKey, string bound)
    {
        if (dataKey.Length != DataKeyBytes)
        {
            throw new ArgumentException($"A data key has {DataKeyBytes} bytes.", nameof(dataKey));
        }

        var wrapped = new byte[SizeBytes];
        BinaryPrimitives.WriteUInt16BigEndian(wrapped, Suite);
        BinaryPrimitives.WriteInt64BigEndian(wrapped.AsSpan(2), number);
        Hpke.Seal(ephemeral, key, InfoOf(wrapped), Encoding.UTF8.GetBytes(bound), dataKey).CopyTo(wrapped.AsSpan(MessageAt));
        return wrapped;
    }

    /// <summary>The sealing key that opens it; null when this is no wrapped key of a suite known here.</summary>
    public static long? NumberIn(ReadOnlySpan<byte> wrapped) =>
        wrapped.Length == SizeBytes && BinaryPrimitives.ReadUInt16BigEndian(wrapped) == Suite
            ? BinaryPrimitives.ReadInt64BigEndian(wrapped[2..])
            : null;

    /// <param name="dataKey">In memory that does not move, for the caller to zero.</param>
    /// <returns>False when it was changed, is wrapped for another key, or is bound to something else.</returns>
    public static bool TryUnwrap(Key key, ReadOnlySpan<byte> wrapped, string bound, [NotNullWhen(true)] out byte[]? dataKey)
    {
        dataKey = GC.AllocateArray<byte>(DataKeyBytes, pinned: true);
        if (NumberIn(wrapped) is not null &&
            Hpke.TryOpen(key, InfoOf(wrapped), Encoding.UTF8.GetBytes(bound), wrapped[MessageAt..], dataKey))
        {
            return true;
        }

        CryptographicOperations.ZeroMemory(dataKey);
        dataKey = null;
        return false;
    }

    /// <summary>What the key is for, with suite and number, so that those are authenticated too.</summary>
    private static byte[] InfoOf(ReadOnlySpan<byte> wrapped) => [.. "palisade sealing key v1"u8, .. wrapped[..MessageAt]];
}
