using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Review.Webhook;

/// <summary>
/// What of the verdict feed still has to reach the platform by webhook.
/// </summary>
/// <remarks>
/// The feed is the outbox: its line commits with the change itself, whichever process makes it, and this queue takes lines in
/// from where it stood. So nothing is lost at a crash, or while the webhook was off. Lines of one case are sent in order,
/// each after the one before was taken; cases do not wait for each other. A lease keeps two nodes from sending the same
/// line; when a node dies with it, another sends the line again, under the same id.
/// </remarks>
public sealed class WebhookOutbox(Store store, TimeProvider clock)
{
    /// <summary>How long a line is one node's. Longer than a call may take, so that a slow call is not made twice.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private const string Sequence = "webhook";
    private const int MostAtOnce = 500;

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private readonly string _me = RandomId.New("node_");

    /// <summary>A line that is this node's to send.</summary>
    public sealed record Message(long Seq, string Id, long Attempts);

    /// <summary>What waits, how old the oldest of it is, and why the last attempt failed.</summary>
    public sealed record Status(long Waiting, TimeSpan? Oldest, string? Failure);

    /// <summary>Takes in what the feed has grown by. The very first time it only marks the place: the webhook begins there.</summary>
    /// <returns>How many lines.</returns>
    public async Task<int> TakeInAsync(CancellationToken cancellationToken)
    {
        var isBehind = await store.ReadAsync(
            connection => connection.QuerySingleAsync<bool>(
                """
                SELECT CASE WHEN COALESCE((SELECT MAX(seq) FROM verdict_change), 0) >
                    COALESCE((SELECT seq FROM webhook_position WHERE id = 1), -1) THEN 1 ELSE 0 END = 1
                """),
            cancellationToken);
        if (!isBehind)
        {
            return 0;
        }

        return await store.WriteAsync(TakeInAsync, cancellationToken);
    }

    /// <summary>Makes some of what is due this node's for the time of a lease.</summary>
    public Task<IReadOnlyList<Message>> ClaimAsync(int most, CancellationToken cancellationToken) =>
        store.WriteAsync<IReadOnlyList<Message>>(
            async transaction =>
            {
                var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
                var claimed = await transaction.Connection!.QueryAsync<Message>(
                    """
                    UPDATE webhook_message SET lease = @_me, leased_until = @until, attempts = attempts + 1
                    WHERE delivered_at IS NULL AND leased_until <= @now AND seq IN
                        (SELECT due.seq FROM webhook_message due
                         WHERE due.delivered_at IS NULL AND due.next_at <= @now AND due.leased_until <= @now AND NOT EXISTS
                             (SELECT 1 FROM webhook_message earlier
                              WHERE earlier.lane = due.lane AND earlier.seq < due.seq AND earlier.delivered_at IS NULL)
                         ORDER BY due.seq LIMIT @most)
                    RETURNING seq AS Seq, id AS Id, attempts AS Attempts
                    """,
                    new { _me, now, until = now + (long)Lease.TotalMilliseconds, most },
                    transaction);
                return [.. claimed.OrderBy(message => message.Seq)];
            },
            cancellationToken);

    /// <summary>The platform has taken it.</summary>
    public Task<int> DeliveredAsync(Message message, CancellationToken cancellationToken) => store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            "UPDATE webhook_message SET delivered_at = @now, lease = NULL, failure = NULL WHERE seq = @Seq AND delivered_at IS NULL",
            new { now = clock.GetUtcNow().ToUnixTimeMilliseconds(), message.Seq },
            transaction),
        cancellationToken);

    /// <summary>It has not arrived, as far as we know; it is sent again after a growing time.</summary>
    public Task<int> FailedAsync(Message message, WebhookFailure failure, CancellationToken cancellationToken) => store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            """
            UPDATE webhook_message SET next_at = @next, leased_until = 0, lease = NULL, failure = @word
            WHERE seq = @Seq AND lease = @_me AND delivered_at IS NULL
            """,
            new
            {
                next = (clock.GetUtcNow() + WaitAfter(message.Attempts)).ToUnixTimeMilliseconds(),
                word = Words.Of(failure),
                message.Seq,
                _me,
            },
            transaction),
        cancellationToken);

    public Task<Status> StatusAsync(CancellationToken cancellationToken) => store.ReadAsync(
        async connection =>
        {
            var (waiting, oldest, failure) = await connection.QuerySingleAsync<(long, long?, string?)>(
                """
                SELECT COUNT(*), MIN(v.changed_at),
                    (SELECT failure FROM webhook_message WHERE delivered_at IS NULL AND failure IS NOT NULL ORDER BY seq LIMIT 1)
                FROM webhook_message m JOIN verdict_change v ON v.seq = m.seq WHERE m.delivered_at IS NULL
                """);
            return new Status(waiting, oldest is { } since ? clock.GetUtcNow() - Moment.At(since) : null, failure);
        },
        cancellationToken);

    /// <summary>Doubles from 5 seconds to 10 minutes, and up to a fifth more so that nodes and lines do not march in step.</summary>
    internal static TimeSpan WaitAfter(long attempts)
    {
        var plain = Math.Min(LongestWait.TotalSeconds, FirstWait.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 20)));
        return TimeSpan.FromSeconds(plain * (1 + (RandomNumberGenerator.GetInt32(200) / 1000.0)));
    }

    private async Task<int> TakeInAsync(DbTransaction transaction)
    {
        await Sequences.TakeAsync(transaction, Sequence, count: 0);
        var connection = transaction.Connection!;
        if (await connection.QuerySingleOrDefaultAsync<long?>(
            "SELECT seq FROM webhook_position WHERE id = 1", transaction: transaction) is not { } position)
        {
            await connection.ExecuteAsync(
                "INSERT INTO webhook_position (id, seq) SELECT 1, COALESCE(MAX(seq), 0) FROM verdict_change", transaction: transaction);
            return 0;
        }

        var lines = (await connection.QueryAsync<(long Seq, string Lane)>(
            "SELECT seq, COALESCE(case_id, source_id) FROM verdict_change WHERE seq > @position ORDER BY seq LIMIT @MostAtOnce",
            new { position, MostAtOnce },
            transaction)).ToList();
        foreach (var (seq, lane) in lines)
        {
            await connection.ExecuteAsync(
                "INSERT INTO webhook_message (seq, id, lane, attempts, next_at, leased_until) VALUES (@seq, @id, @lane, 0, 0, 0)",
                new { seq, id = RandomId.New("whm_"), lane },
                transaction);
        }

        if (lines.Count > 0)
        {
            await connection.ExecuteAsync(
                "UPDATE webhook_position SET seq = @last WHERE id = 1", new { last = lines[^1].Seq }, transaction);
        }

        return lines.Count;
    }
}

/// <summary>Why a call did not arrive. Nothing of the platform's answer is kept.</summary>
public enum WebhookFailure
{
    /// <summary>The host was not reached, has no valid certificate, or broke off.</summary>
    NoConnection,

    TimedOut,

    /// <summary>The host's name leads to an address that is not public, and the host is not trusted.</summary>
    AddressNotPublic,

    /// <summary>It answered something else than success; redirects are not followed.</summary>
    NotAccepted,
}
