using System.Security.Cryptography;
using System.Text;
using Palisade.Storage;

namespace Palisade.Scanning;

/// <summary>
/// Seals the facts of a record under a key of their own, bound to the record's open columns, so that a copy of the store
/// shows nothing and a changed or swapped row does not open.
/// </summary>
/// <remarks>Layout: version (1 byte, 1), nonce (12 random bytes), ciphertext, tag (16 bytes), AES-256-GCM.</remarks>
public sealed class RecordSeal(byte[] key)
{
    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int Overhead = 1 + NonceBytes + TagBytes;

    /// <param name="bound">The record's kind, id and open columns; opening needs the very same.</param>
    public byte[] Seal(ReadOnlySpan<byte> clear, string bound)
    {
        using var aes = new AesGcm(key, TagBytes);
        var sealedFacts = new byte[Overhead + clear.Length];
        sealedFacts[0] = Version;
        var nonce = sealedFacts.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        aes.Encrypt(
            nonce, clear, sealedFacts.AsSpan(1 + NonceBytes, clear.Length), sealedFacts.AsSpan(^TagBytes..),
            Encoding.UTF8.GetBytes(bound));
        return sealedFacts;
    }

    /// <exception cref="StoreUnusableException">The row was changed or damaged; nothing of it is used.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedFacts, string bound)
    {
        if (sealedFacts.Length >= Overhead && sealedFacts[0] == Version)
        {
            using var aes = new AesGcm(key, TagBytes);
            var clear = new byte[sealedFacts.Length - Overhead];
            try
            {
                aes.Decrypt(
                    sealedFacts.Slice(1, NonceBytes), sealedFacts[(1 + NonceBytes)..^TagBytes], sealedFacts[^TagBytes..],
                    clear, Encoding.UTF8.GetBytes(bound));
                return clear;
            }
            catch (AuthenticationTagMismatchException)
            {
                // Told below: a changed row and a row that never was one are the same to us.
            }
        }

        throw new StoreUnusableException(
            "A sealed record is damaged or was changed. Restore the store from a backup.");
    }
}
