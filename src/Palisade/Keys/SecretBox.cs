using System.Security.Cryptography;
using System.Text;

namespace Palisade.Keys;

/// <summary>
/// Wraps one secret under a key: version (1 byte, 1), nonce (12 random bytes), ciphertext, tag (16 bytes), AES-256-GCM, with
/// what it is bound to as associated data.
/// </summary>
internal static class SecretBox
{
    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int Overhead = 1 + NonceBytes + TagBytes;

    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> secret, string bound)
    {
        using var aes = new AesGcm(key, TagBytes);
        var box = new byte[Overhead + secret.Length];
        box[0] = Version;
        RandomNumberGenerator.Fill(box.AsSpan(1, NonceBytes));
        aes.Encrypt(
            box.AsSpan(1, NonceBytes), secret, box.AsSpan(1 + NonceBytes, secret.Length), box.AsSpan(^TagBytes..),
            Encoding.UTF8.GetBytes(bound));
        return box;
    }

    /// <returns>False when the key is another, the box was changed, or it is bound to something else.</returns>
    public static bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, string bound, Span<byte> secret)
    {
        if (box.Length != Overhead + secret.Length || box[0] != Version)
        {
            return false;
        }

        using var aes = new AesGcm(key, TagBytes);
        try
        {
            aes.Decrypt(
                box.Slice(1, NonceBytes), box[(1 + NonceBytes)..^TagBytes], box[^TagBytes..], secret,
                Encoding.UTF8.GetBytes(bound));
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
