using System.Buffers.Binary;
using System.Security.Cryptography;
using Palisade.Banks;
using Palisade.Storage;

namespace Palisade.Keys;

/// <summary>
/// Seals and opens the values of signals, and makes the keyed digests by which equal values are found.
/// </summary>
/// <remarks>
/// A sealed value is: version (1 byte, 1), nonce (12 random bytes), ciphertext, tag (16 bytes), AES-256-GCM. Bank, signal
/// and type are associated data, so a row's value moved to another row does not open. For one thread at a time.
/// </remarks>
public sealed class SignalCipher : IDisposable
{
    /// <summary>Size of an equality key: HMAC-SHA-256 cut to 128 bits, where chance collisions stay out of reach.</summary>
    public const int EqualityKeyBytes = 16;

    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int Overhead = 1 + NonceBytes + TagBytes;
    private const int AssociatedBytes = 8 + 8 + 1;

    private readonly AesGcm _aes;
    private readonly byte[] _equality;

    internal SignalCipher(byte[] encryption, byte[] equality)
    {
        _aes = new AesGcm(encryption, TagBytes);
        _equality = equality;
    }

    public byte[] Seal(BankId bank, SignalId signal, in SignalValue value)
    {
        Span<byte> associated = stackalloc byte[AssociatedBytes];
        Bind(associated, bank, signal, value.Type);
        var clear = value.ToBytes();
        var sealedValue = new byte[Overhead + clear.Length];
        sealedValue[0] = Version;
        var nonce = sealedValue.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        _aes.Encrypt(
            nonce, clear, sealedValue.AsSpan(1 + NonceBytes, clear.Length), sealedValue.AsSpan(^TagBytes..), associated);
        return sealedValue;
    }

    /// <exception cref="StoreUnusableException">The row was changed or damaged; nothing of it is used.</exception>
    public SignalValue Open(BankId bank, SignalId signal, SignalType type, ReadOnlySpan<byte> sealedValue)
    {
        Span<byte> associated = stackalloc byte[AssociatedBytes];
        Bind(associated, bank, signal, type);
        var length = sealedValue.Length - Overhead;
        Span<byte> clear = stackalloc byte[32];
        if (sealedValue.Length > 0 && sealedValue[0] == Version && length == SizeOf(type))
        {
            try
            {
                clear = clear[..length];
                _aes.Decrypt(
                    sealedValue.Slice(1, NonceBytes), sealedValue.Slice(1 + NonceBytes, length), sealedValue[^TagBytes..],
                    clear, associated);
                return SignalValue.FromBytes(type, clear);
            }
            catch (AuthenticationTagMismatchException)
            {
                // Told below: a changed row and a row that never was one are the same to us.
            }
        }

        throw new StoreUnusableException(
            $"The stored value of signal {signal} in bank {bank} is damaged or was changed. Restore the store from a backup.");
    }

    /// <summary>Equal for equal values of one bank, and says nothing to whoever lacks the key.</summary>
    public byte[] EqualityKeyOf(BankId bank, in SignalValue value)
    {
        Span<byte> message = stackalloc byte[9 + 32];
        BinaryPrimitives.WriteInt64BigEndian(message, bank.Number);
        message[8] = (byte)value.Type;
        var bytes = value.ToBytes();
        bytes.CopyTo(message[9..]);
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_equality, message[..(9 + bytes.Length)], digest);
        return digest[..EqualityKeyBytes].ToArray();
    }

    public void Dispose() => _aes.Dispose();

    private static int SizeOf(SignalType type) => type switch
    {
        SignalType.Md5 => 16,
        SignalType.Sha1 => 20,
        _ => 32,
    };

    private static void Bind(Span<byte> associated, BankId bank, SignalId signal, SignalType type)
    {
        BinaryPrimitives.WriteInt64BigEndian(associated, bank.Number);
        BinaryPrimitives.WriteInt64BigEndian(associated[8..], signal.Number);
        associated[16] = (byte)type;
    }
}
