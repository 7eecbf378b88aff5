using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Review.Webhook;

/// <summary>Brings the lines of the verdict feed to the platform, in order for each case, until it has taken them.</summary>
public sealed class WebhookCourier(
    Store store, WebhookOutbox queue, VerdictFeed feed, WebhookSender sender, TimeProvider clock, ILogger<WebhookCourier> logger)
{
    /// <summary>Calls under way at once from this node.</summary>
    private const int MostCalls = 8;

    /// <summary>How often it looks by itself: another process's changes ring no bell here, and waits come to an end.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan AlarmAge = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AlarmInterval = TimeSpan.FromMinutes(15);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    private DateTimeOffset? _alarmedAt;

    /// <summary>As of the last look.</summary>
    public WebhookOutbox.Status Latest { get; private set; } = new(0, null, null);

    /// <summary>Delivers until it is told to stop. What is under way then is sent again by whoever has the lease next.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var next = store.Feeds.Next(VerdictFeed.Name);
            try
            {
                while (await DeliverDueAsync(cancellationToken) > 0)
                {
                    // Again, since the next lines of the same cases may be due now.
                }

                await LookAtQueueAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogError(exception, "The webhook's queue could not be worked on; trying again");
            }

            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(next, Task.Delay(Look, clock, enough.Token));
            await enough.CancelAsync();
        }
    }

    /// <summary>Sends what is due, once.</summary>
    /// <returns>How many lines the platform took.</returns>
    public async Task<int> DeliverDueAsync(CancellationToken cancellationToken)
    {
        await queue.TakeInAsync(cancellationToken);
        var claimed = await queue.ClaimAsync(MostCalls, cancellationToken);
        var taken = await Task.WhenAll(claimed.Select(message => DeliverAsync(message, cancellationToken)));
        return taken.Count(isTaken => isTaken);
    }

    private async Task<bool> DeliverAsync(WebhookOutbox.Message message, CancellationToken cancellationToken)
    {
        var change = await feed.FindAsync(message.Seq, cancellationToken)
            ?? throw new StoreUnusableException("The webhook's queue names a line that the feed does not have. Restore the store from a backup.");
        var failure = await sender.SendAsync(message.Id, BodyOf(change), cancellationToken);

        // The call was made; what came of it is written down even when the service is stopping.
        _ = failure is { } why
            ? await queue.FailedAsync(message, why, CancellationToken.None)
            : await queue.DeliveredAsync(message, CancellationToken.None);
        return failure is null;
    }

    /// <summary>The same words as a line of <c>GET /v1/verdicts</c>.</summary>
    internal static byte[] BodyOf(VerdictChange change) => JsonSerializer.SerializeToUtf8Bytes(
        new Body(
            "verdict.changed", change.Sequence, change.Scan?.ToString(), change.Flag?.ToString(), change.Case?.ToString(),
            change.Service, change.ContentId, Words.Of(change.Verdict), change.Action is { } action ? Words.Of(action) : null, change.At),
        Json);

    private async Task LookAtQueueAsync(CancellationToken cancellationToken)
    {
        Latest = await queue.StatusAsync(cancellationToken);
        var now = clock.GetUtcNow();
        if (!(Latest.Oldest > AlarmAge))
        {
            _alarmedAt = null;
        }
        else if (_alarmedAt is null || now - _alarmedAt >= AlarmInterval)
        {
            _alarmedAt = now;
            logger.LogWarning(
                "The platform does not take the webhook's calls: {Waiting} wait, the oldest for {Age}, last because of {Failure}. They are kept and sent again",
                Latest.Waiting, Latest.Oldest, Latest.Failure);
        }
    }

    private sealed record Body(
        string Type, long Sequence, string? Scan, string? Flag, string? Case, string Service, string? ContentId, string Verdict,
        string? Action, DateTimeOffset At);
}
