using System.Text.Json.Serialization;

namespace Palisade.Client;

/// <summary>A webhook call as it arrived.</summary>
/// <param name="Method">In capitals, as it arrived.</param>
/// <param name="PathAndQuery">As Palisade sent it: the path of <c>webhook.url</c>, before any proxy of yours changed it.</param>
/// <param name="Id">The header <see cref="WebhookVerifier.IdHeader"/>.</param>
/// <param name="Time">The header <see cref="WebhookVerifier.TimeHeader"/>.</param>
/// <param name="Signature">The header <see cref="WebhookVerifier.SignatureHeader"/>.</param>
/// <param name="Body">All its bytes, before anybody parsed them.</param>
public sealed record WebhookRequest(
    string Method, string PathAndQuery, string? Id, string? Time, string? Signature, ReadOnlyMemory<byte> Body);

/// <summary>What a call turned out to be. A closed set; only <see cref="Accepted"/> may be acted upon.</summary>
public abstract record WebhookOutcome
{
    private WebhookOutcome()
    {
    }

    /// <param name="Type"><c>verdict.changed</c>, or <c>test</c>.</param>
    /// <param name="Change">The line of the feed that it brings; null for a test.</param>
    public sealed record Accepted(string Id, string Type, VerdictChange? Change) : WebhookOutcome;

    /// <summary>A true call that was here before. Answer 200 and do nothing.</summary>
    public sealed record Replayed(string Id) : WebhookOutcome;

    /// <summary>Forged, changed, or too old. Answer 400 and do nothing.</summary>
    public sealed record Refused(WebhookRefusal Reason) : WebhookOutcome;
}

/// <summary>Why a call was refused. For your own log; the caller need not be told.</summary>
public enum WebhookRefusal
{
    /// <summary>A header is missing or has not the right form.</summary>
    NotSigned,

    WrongSignature,

    /// <summary>The clocks are more than five minutes apart, or somebody repeats an old call.</summary>
    WrongTime,

    /// <summary>The signature is right and the body is no message: a newer Palisade, perhaps.</summary>
    NotUnderstood,
}

/// <summary>Remembers an id.</summary>
/// <param name="id">At most 100 printable ASCII characters.</param>
/// <param name="forgetAfter">The first moment at which it may be forgotten.</param>
/// <returns>False when it was known already.</returns>
public delegate ValueTask<bool> WebhookMemory(string id, DateTimeOffset forgetAfter, CancellationToken cancellationToken);

/// <summary>The body of a call.</summary>
internal sealed record WebhookMessage
{
    [JsonRequired]
    public string Type { get; init; } = "";

    public long? Sequence { get; init; }

    public string? Scan { get; init; }

    public string? Flag { get; init; }

    public string? Case { get; init; }

    public string? Service { get; init; }

    public string? ContentId { get; init; }

    public Verdict? Verdict { get; init; }

    public PlatformAction? Action { get; init; }

    public DateTimeOffset? At { get; init; }

    public VerdictChange? Change() => Sequence is { } sequence && Verdict is { } verdict
        ? new VerdictChange
        {
            Sequence = sequence,
            Scan = Scan,
            Flag = Flag,
            Case = Case,
            Service = Service,
            ContentId = ContentId,
            Verdict = verdict,
            Action = Action,
            At = At,
        }
        : null;
}
