using System.Globalization;
using System.Text;

namespace Palisade.Review.Webhook;

/// <summary>
/// What is signed of a call, and how the signature is written.
/// </summary>
/// <remarks>
/// Signed is the version, the message's id, the time in seconds since 1970, the method, the path with its query, each
/// followed by one line feed, and then the body as it is. An old true call stays true for ever when its body alone is
/// signed; so everything that makes it this call is in it. HMAC-SHA-256 and not Ed25519, because each of the platform's
/// languages has it in its standard library, and the two sides share nothing else that would have to be published.
/// The form is documented in docs/guide/cases.md and has vectors in samples/webhook.
/// </remarks>
public static class WebhookSignature
{
    public const string IdHeader = "Palisade-Webhook-Id";
    public const string TimeHeader = "Palisade-Webhook-Time";
    public const string SignatureHeader = "Palisade-Webhook-Signature";

    private const string Version = "v1";

    /// <summary>The value of the signature's header: the version, then key ids with their signatures.</summary>
    public static string Of(
        IEnumerable<WebhookKey> keys, string id, DateTimeOffset time, string method, string pathAndQuery, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{Version}\n{id}\n{time.ToUnixTimeSeconds()}\n{method}\n{pathAndQuery}\n"));
        var message = new byte[head.Length + body.Length];
        head.CopyTo(message, 0);
        body.CopyTo(message.AsSpan(head.Length));
        return string.Join(' ', keys.Select(key => $"{key.Id}={key.Sign(message)}").Prepend(Version));
    }
}
