using System.Data.Common;
using System.Text.Json;
using Dapper;
using Palisade.Policy;
using Palisade.Storage;

namespace Palisade.Scanning;

/// <summary>One line of the feed: what is now the verdict of one scan.</summary>
public sealed record VerdictChange
{
    /// <summary>Place in the feed, from 1, without gaps and in the order of commits.</summary>
    public required long Sequence { get; init; }

    public required ScanId Scan { get; init; }

    public required string Service { get; init; }

    /// <summary>What the platform called the upload.</summary>
    public required string? ContentId { get; init; }

    public required VerdictAction Verdict { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>
/// The durable, ordered list of verdicts that are not clean and of every later change of one. A platform follows it to
/// learn what became of an upload it holds.
/// </summary>
public sealed class VerdictFeed(Store store, RecordSeal seal, TimeProvider clock)
{
    /// <summary>Most changes in one page.</summary>
    public const int MaxPage = 1000;

    /// <summary>The feed's name for <see cref="FeedBell"/>, and of its numbers.</summary>
    internal const string Name = "verdict_change";

    /// <summary>How often a waiting reader looks by itself, since another process's writes ring no bell here.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>The changes after a place in the feed, in order.</summary>
    public Task<IReadOnlyList<VerdictChange>> ReadAfterAsync(long sequence, int limit, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<VerdictChange>>(
            async connection =>
            [
                .. (await connection.QueryAsync<Row>(
                    """
                    SELECT seq AS Seq, scan_id AS ScanId, service AS Service, verdict AS Verdict, changed_at AS ChangedAt,
                           facts AS Facts
                    FROM verdict_change WHERE seq > @sequence ORDER BY seq LIMIT @limit
                    """,
                    new { sequence, limit = Math.Clamp(limit, 1, MaxPage) })).Select(ToChange),
            ],
            cancellationToken);

    /// <summary>Like <see cref="ReadAfterAsync"/>, and waits up to <paramref name="wait"/> for the first change.</summary>
    public async Task<IReadOnlyList<VerdictChange>> ReadOrWaitAfterAsync(
        long sequence, int limit, TimeSpan wait, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        while (true)
        {
            // Taken before the look, so that what comes in between is not slept through.
            var next = store.Feeds.Next(Name);
            var changes = await ReadAfterAsync(sequence, limit, cancellationToken);
            var left = wait - clock.GetElapsedTime(begun);
            if (changes.Count > 0 || left <= TimeSpan.Zero)
            {
                return changes;
            }

            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(next, Task.Delay(left < Look ? left : Look, clock, enough.Token));
            await enough.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Adds a change inside the transaction that makes it. Ring the bell after the commit.</summary>
    internal async Task AppendAsync(
        DbTransaction transaction, ScanId scan, string service, string? contentId, VerdictAction verdict, DateTimeOffset now)
    {
        var sequence = await Sequences.TakeAsync(transaction, Name);
        var row = new Row(sequence, scan.ToString(), service, Words.Of(verdict), now.ToUnixTimeMilliseconds(), []);
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO verdict_change (seq, scan_id, service, verdict, changed_at, facts)
            VALUES (@Seq, @ScanId, @Service, @Verdict, @ChangedAt, @Facts)
            """,
            row with { Facts = seal.Seal(JsonSerializer.SerializeToUtf8Bytes(contentId), row.Bound()) },
            transaction);
    }

    /// <summary>The verdict in force for one scan; null when the feed never spoke of it.</summary>
    internal async Task<VerdictAction?> CurrentAsync(DbConnection connection, ScanId scan)
    {
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            """
            SELECT seq AS Seq, scan_id AS ScanId, service AS Service, verdict AS Verdict, changed_at AS ChangedAt, facts AS Facts
            FROM verdict_change WHERE scan_id = @scan ORDER BY seq DESC LIMIT 1
            """,
            new { scan = scan.ToString() });
        return row is null ? null : ToChange(row).Verdict;
    }

    private VerdictChange ToChange(Row row) => new()
    {
        ContentId = JsonSerializer.Deserialize<string?>(seal.Open(row.Facts, row.Bound())),
        Sequence = row.Seq,
        Scan = ScanId.TryParse(row.ScanId, out var id) ? id : throw new StoreUnusableException(
            "A line of the verdict feed is damaged. Restore the store from a backup."),
        Service = row.Service,
        Verdict = Words.Parse<VerdictAction>(row.Verdict),
        At = DateTimeOffset.FromUnixTimeMilliseconds(row.ChangedAt),
    };

    private sealed record Row(long Seq, string ScanId, string Service, string Verdict, long ChangedAt, byte[] Facts)
    {
        public string Bound() => FormattableString.Invariant($"verdict_change|{Seq}|{ScanId}|{Service}|{Verdict}|{ChangedAt}");
    }
}
