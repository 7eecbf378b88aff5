using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Palisade.Client;

/// <summary>
/// Tells true webhook calls of Palisade from forged, changed and repeated ones. Safe for many calls at once.
/// </summary>
/// <remarks>
/// Signed are version, id, time, method, path and body, so a true call is true for this address and this moment alone.
/// Palisade sends a call again, under the same id and a new time, until it is answered with success: answer 200 to
/// <see cref="WebhookOutcome.Accepted"/> once it was acted upon and to <see cref="WebhookOutcome.Replayed"/> at once, and 400
/// to <see cref="WebhookOutcome.Refused"/>.
/// </remarks>
public sealed class WebhookVerifier
{
    public const string IdHeader = "Palisade-Webhook-Id";
    public const string TimeHeader = "Palisade-Webhook-Time";
    public const string SignatureHeader = "Palisade-Webhook-Signature";

    /// <summary>How far the two clocks may be apart, either way.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>How long an id is remembered after its call.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromHours(24);

    private const string Version = "v1";
    private const int LongestHeader = 1024;
    private const int LongestId = 100;

    private readonly Dictionary<string, byte[]> _keys;
    private readonly WebhookMemory _memory;
    private readonly TimeProvider _clock;

    /// <param name="keys">By id, as <c>palisade webhook key</c> wrote them (<c>whk_...</c>). During a change both are here.</param>
    /// <param name="memory">
    /// Remembers ids; must survive a restart, or an old call could be repeated right after one. <see cref="WebhookIdFile"/>
    /// is one; a table of the platform's own database, in the transaction that acts on the call, is better.
    /// </param>
    /// <exception cref="ArgumentException">There is no key, or one has not the right form.</exception>
    public WebhookVerifier(IReadOnlyDictionary<string, string> keys, WebhookMemory memory, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(memory);
        _keys = keys.ToDictionary(key => key.Key, key => Secret(key.Value), StringComparer.Ordinal);
        if (_keys.Count == 0)
        {
            throw new ArgumentException("Without a key no call could be told from a forged one.", nameof(keys));
        }

        _memory = memory;
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>Checks one call. Nothing of it may be used before.</summary>
    public async Task<WebhookOutcome> VerifyAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Id is not { Length: > 0 and <= LongestId } id || id.AsSpan().ContainsAnyExceptInRange('!', '~') ||
            request.Time is not { Length: <= 20 } timeText || request.Signature is not { Length: <= LongestHeader } signature ||
            !long.TryParse(timeText, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ||
            seconds.ToString(CultureInfo.InvariantCulture) != timeText)
        {
            return new WebhookOutcome.Refused(WebhookRefusal.NotSigned);
        }

        if (!IsSigned(request, id, timeText, signature))
        {
            return new WebhookOutcome.Refused(WebhookRefusal.WrongSignature);
        }

        // Compared in whole seconds, as the time was signed.
        var apart = Math.Abs(_clock.GetUtcNow().ToUnixTimeSeconds() - seconds);
        if (apart > (long)Tolerance.TotalSeconds)
        {
            return new WebhookOutcome.Refused(WebhookRefusal.WrongTime);
        }

        if (ReadMessage(request.Body.Span) is not { } message)
        {
            return new WebhookOutcome.Refused(WebhookRefusal.NotUnderstood);
        }

        // Last, so that a forged call cannot use up the id of a true one.
        return await _memory(id, _clock.GetUtcNow() + Remembered, cancellationToken)
            ? new WebhookOutcome.Accepted(id, message.Type, message.Change())
            : new WebhookOutcome.Replayed(id);
    }

    private bool IsSigned(WebhookRequest request, string id, string time, string header)
    {
        var parts = header.Split(' ');
        if (parts[0] != Version)
        {
            return false;
        }

        var head = Encoding.UTF8.GetBytes($"{Version}\n{id}\n{time}\n{request.Method}\n{request.PathAndQuery}\n");
        var signed = new byte[head.Length + request.Body.Length];
        head.CopyTo(signed, 0);
        request.Body.CopyTo(signed.AsMemory(head.Length));
        foreach (var part in parts.AsSpan(1))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && _keys.TryGetValue(part[..equals], out var key) &&
                CryptographicOperations.FixedTimeEquals(
                    Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(key, signed))),
                    Encoding.ASCII.GetBytes(part[(equals + 1)..])))
            {
                return true;
            }
        }

        return false;
    }

    private static WebhookMessage? ReadMessage(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ClientJson.Default.WebhookMessage);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Secret(string text)
    {
        const string Prefix = "whk_";
        var secret = new byte[32];
        return text.Length == Prefix.Length + (2 * secret.Length) && text.StartsWith(Prefix, StringComparison.Ordinal) &&
            Convert.FromHexString(text.AsSpan(Prefix.Length), secret, out _, out _) == System.Buffers.OperationStatus.Done
            ? secret
            : throw new ArgumentException(
                "A webhook key is whk_ and 64 hexadecimal digits, as palisade webhook key writes it.", nameof(text));
    }
}
