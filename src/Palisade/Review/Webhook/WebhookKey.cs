using System.Buffers;
using System.Security.Cryptography;

namespace Palisade.Review.Webhook;

/// <summary>A secret that Palisade and the platform share, by which calls are signed: 256 random bits under an id.</summary>
public sealed class WebhookKey(string id, byte[] secret)
{
    private const string Prefix = "whk_";
    private const int SecretBytes = 32;

    private static readonly SearchValues<char> HexAlphabet = SearchValues.Create("0123456789abcdef");

    public string Id { get; } = id;

    /// <summary>A fresh secret as text, to be shown or written once.</summary>
    public static string NewText() => Prefix + RandomNumberGenerator.GetHexString(2 * SecretBytes, lowercase: true);

    /// <returns>Null when the text is no key.</returns>
    public static WebhookKey? TryParse(string id, string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length == Prefix.Length + (2 * SecretBytes) &&
        text.AsSpan(Prefix.Length).IndexOfAnyExcept(HexAlphabet) < 0
            ? new WebhookKey(id, Convert.FromHexString(text.AsSpan(Prefix.Length)))
            : null;

    internal static WebhookKey? TryRead(WebhookKeyOptions options)
    {
        try
        {
            return TryParse(options.Id, File.ReadAllText(options.SecretFile).Trim());
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>HMAC-SHA-256 under this key, in lower-case hexadecimal.</summary>
    internal string Sign(ReadOnlySpan<byte> message) => Convert.ToHexStringLower(HMACSHA256.HashData(secret, message));
}
