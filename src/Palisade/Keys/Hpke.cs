using System.Buffers.Binary;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace Palisade.Keys;

/// <summary>
/// Encrypts to a public key: HPKE in base mode (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one
/// message a context.
/// </summary>
/// <remarks>
/// A published scheme with published vectors, so that another program can open what we wrap. A hybrid with a lattice
/// (X-Wing) is the same scheme with another KEM number and comes as another suite of <see cref="WrappedKey"/>.
/// </remarks>
internal static class Hpke
{
    /// <summary>Size of a public key, and of the ephemeral one that goes before each message.</summary>
    public const int PublicKeyBytes = 32;

    public const int TagBytes = 16;

    private const int SecretBytes = 32;
    private const int NonceBytes = 12;

    /// <summary>RFC 9180, sections 7.1 to 7.3: KEM 0x0020, KDF 0x0001, AEAD 0x0002.</summary>
    private static readonly byte[] KemSuite = [.. "KEM"u8, 0x00, 0x20];
    private static readonly byte[] Suite = [.. "HPKE"u8, 0x00, 0x20, 0x00, 0x01, 0x00, 0x02];

    /// <param name="ephemeral">A fresh key for each message.</param>
    /// <returns>The ephemeral public key, then ciphertext and tag.</returns>
    public static byte[] Seal(
        Key ephemeral, PublicKey recipient, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> clear)
    {
        var message = new byte[PublicKeyBytes + clear.Length + TagBytes];
        var encapsulated = message.AsSpan(0, PublicKeyBytes);
        ephemeral.PublicKey.Export(KeyBlobFormat.RawPublicKey).CopyTo(encapsulated);
        Span<byte> keyAndNonce = stackalloc byte[SecretBytes + NonceBytes];
        Schedule(ephemeral, recipient, encapsulated, Raw(recipient), info, keyAndNonce);
        using var aes = new AesGcm(keyAndNonce[..SecretBytes], TagBytes);
        aes.Encrypt(
            keyAndNonce[SecretBytes..], clear, message.AsSpan(PublicKeyBytes, clear.Length), message.AsSpan(^TagBytes..),
            associated);
        CryptographicOperations.ZeroMemory(keyAndNonce);
        return message;
    }

    /// <returns>False when the message is not for this key, this use and these associated data, or was changed.</returns>
    public static bool TryOpen(
        Key recipient, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> message, Span<byte> clear)
    {
        if (message.Length != PublicKeyBytes + clear.Length + TagBytes ||
            !PublicKey.TryImport(KeyAgreementAlgorithm.X25519, message[..PublicKeyBytes], KeyBlobFormat.RawPublicKey, out var sender))
        {
            return false;
        }

        Span<byte> keyAndNonce = stackalloc byte[SecretBytes + NonceBytes];
        try
        {
            if (!TrySchedule(recipient, sender!, message[..PublicKeyBytes], Raw(recipient.PublicKey), info, keyAndNonce))
            {
                return false;
            }

            using var aes = new AesGcm(keyAndNonce[..SecretBytes], TagBytes);
            aes.Decrypt(
                keyAndNonce[SecretBytes..], message[PublicKeyBytes..^TagBytes], message[^TagBytes..], clear, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(keyAndNonce);
        }
    }

    private static void Schedule(
        Key mine, PublicKey theirs, ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> recipient, ReadOnlySpan<byte> info,
        Span<byte> keyAndNonce)
    {
        if (!TrySchedule(mine, theirs, encapsulated, recipient, info, keyAndNonce))
        {
            throw new CryptographicException("The public key is one of the few points that X25519 must not be used with.");
        }
    }

    /// <summary>Sections 4.1 (DHKEM) and 5.1 (key schedule, base mode) of the RFC, for the first message.</summary>
    private static bool TrySchedule(
        Key mine, PublicKey theirs, ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> recipient, ReadOnlySpan<byte> info,
        Span<byte> keyAndNonce)
    {
        var exportable = new SharedSecretCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
        using var agreed = KeyAgreementAlgorithm.X25519.Agree(mine, theirs, exportable);
        if (agreed is null)
        {
            return false;
        }

        var dh = agreed.Export(SharedSecretBlobFormat.RawSharedSecret);
        Span<byte> prk = stackalloc byte[SecretBytes];
        Span<byte> shared = stackalloc byte[SecretBytes];
        Span<byte> context = stackalloc byte[1 + (2 * SecretBytes)];
        Extract(KemSuite, salt: default, "eae_prk"u8, dh, prk);
        Expand(KemSuite, prk, "shared_secret"u8, [.. encapsulated, .. recipient], shared);

        context[0] = 0; // base mode
        Extract(Suite, salt: default, "psk_id_hash"u8, default, context.Slice(1, SecretBytes));
        Extract(Suite, salt: default, "info_hash"u8, info, context[(1 + SecretBytes)..]);
        Extract(Suite, shared, "secret"u8, default, prk);
        Expand(Suite, prk, "key"u8, context, keyAndNonce[..SecretBytes]);
        Expand(Suite, prk, "base_nonce"u8, context, keyAndNonce[SecretBytes..]);

        CryptographicOperations.ZeroMemory(dh);
        CryptographicOperations.ZeroMemory(prk);
        CryptographicOperations.ZeroMemory(shared);
        return true;
    }

    private static void Extract(
        ReadOnlySpan<byte> suite, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> input, Span<byte> prk)
    {
        byte[] labelled = [.. "HPKE-v1"u8, .. suite, .. label, .. input];
        HKDF.Extract(HashAlgorithmName.SHA256, labelled, salt, prk);
        CryptographicOperations.ZeroMemory(labelled);
    }

    private static void Expand(
        ReadOnlySpan<byte> suite, ReadOnlySpan<byte> prk, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, Span<byte> output)
    {
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)output.Length);
        byte[] labelled = [.. length, .. "HPKE-v1"u8, .. suite, .. label, .. info];
        HKDF.Expand(HashAlgorithmName.SHA256, prk, output, labelled);
    }

    private static byte[] Raw(PublicKey key) => key.Export(KeyBlobFormat.RawPublicKey);
}
