using System.Data.Common;
using System.Text.Json;
using Dapper;
using Palisade.Policy;
using Palisade.Review;
using Palisade.Storage;

namespace Palisade.Scanning;

/// <summary>One line of the feed: what is now the verdict of one scan or flag, and what a person decided.</summary>
public sealed record VerdictChange
{
    /// <summary>Place in the feed, from 1, without gaps and in the order of commits.</summary>
    public required long Sequence { get; init; }

    /// <summary>The scan that it speaks of; null when that is a flag.</summary>
    public ScanId? Scan { get; init; }

    /// <summary>The flag that it speaks of; null when that is a scan.</summary>
    public FlagId? Flag { get; init; }

    /// <summary>The case that it belongs to; null in lines from before there were cases.</summary>
    public CaseId? Case { get; init; }

    public required string Service { get; init; }

    /// <summary>What the platform called the upload.</summary>
    public required string? ContentId { get; init; }

    public required VerdictAction Verdict { get; init; }

    /// <summary>What the platform is to do by a person's decision; null where nobody has decided.</summary>
    public PlatformAction? Action { get; init; }

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

    private const string Columns =
        """
        SELECT seq AS Seq, source_id AS SourceId, case_id AS CaseId, service AS Service, verdict AS Verdict,
               platform_action AS PlatformAction, changed_at AS ChangedAt, facts AS Facts
        FROM verdict_change
        """;

    /// <summary>How often a waiting reader looks by itself, since another process's writes ring no bell here.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>The changes after a place in the feed, in order.</summary>
    public Task<IReadOnlyList<VerdictChange>> ReadAfterAsync(long sequence, int limit, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<VerdictChange>>(
            async connection =>
            [
                .. (await connection.QueryAsync<Row>(
                    $"{Columns} WHERE seq > @sequence ORDER BY seq LIMIT @limit",
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

    /// <summary>One line; null when the feed has not come so far.</summary>
    internal async Task<VerdictChange?> FindAsync(long sequence, CancellationToken cancellationToken) =>
        (await ReadAfterAsync(sequence - 1, 1, cancellationToken)) is [{ } change] && change.Sequence == sequence ? change : null;

    /// <summary>Adds a change inside the transaction that makes it. Ring the bell after the commit.</summary>
    /// <param name="source">The id of the scan or flag.</param>
    internal async Task AppendAsync(
        DbTransaction transaction,
        string source,
        string service,
        string? contentId,
        VerdictAction verdict,
        DateTimeOffset now,
        CaseId? caseId = null,
        PlatformAction? action = null)
    {
        var sequence = await Sequences.TakeAsync(transaction, Name);
        var row = new Row(
            sequence, source, caseId?.ToString(), service, Words.Of(verdict), action is { } decided ? Words.Of(decided) : null,
            now.ToUnixTimeMilliseconds(), []);
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO verdict_change (seq, source_id, case_id, service, verdict, platform_action, changed_at, facts)
            VALUES (@Seq, @SourceId, @CaseId, @Service, @Verdict, @PlatformAction, @ChangedAt, @Facts)
            """,
            row with { Facts = seal.Seal(JsonSerializer.SerializeToUtf8Bytes(contentId), row.Bound()) },
            transaction);
    }

    /// <summary>The verdict in force for one scan or flag; null when the feed never spoke of it.</summary>
    internal async Task<VerdictAction?> CurrentAsync(DbConnection connection, string source, DbTransaction? transaction = null)
    {
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            $"{Columns} WHERE source_id = @source ORDER BY seq DESC LIMIT 1", new { source }, transaction);
        return row is null ? null : ToChange(row).Verdict;
    }

    private VerdictChange ToChange(Row row)
    {
        ScanId? scan = ScanId.TryParse(row.SourceId, out var scanId) ? scanId : null;
        FlagId? flag = FlagId.TryParse(row.SourceId, out var flagId) ? flagId : null;
        if (scan is null && flag is null)
        {
            throw new StoreUnusableException("A line of the verdict feed is damaged. Restore the store from a backup.");
        }

        return new VerdictChange
        {
            ContentId = JsonSerializer.Deserialize<string?>(seal.Open(row.Facts, row.Bound())),
            Sequence = row.Seq,
            Scan = scan,
            Flag = flag,
            Case = CaseId.TryParse(row.CaseId, out var caseId) ? caseId : null,
            Service = row.Service,
            Verdict = Words.Parse<VerdictAction>(row.Verdict),
            Action = row.PlatformAction is { } action ? Words.Parse<PlatformAction>(action) : null,
            At = DateTimeOffset.FromUnixTimeMilliseconds(row.ChangedAt),
        };
    }

    private sealed record Row(
        long Seq, string SourceId, string? CaseId, string Service, string Verdict, string? PlatformAction, long ChangedAt, byte[] Facts)
    {
        /// <summary>Lines from before there were cases are bound to fewer columns.</summary>
        public string Bound() => CaseId is null && PlatformAction is null
            ? FormattableString.Invariant($"verdict_change|{Seq}|{SourceId}|{Service}|{Verdict}|{ChangedAt}")
            : FormattableString.Invariant(
                $"verdict_change|{Seq}|{SourceId}|{CaseId}|{Service}|{Verdict}|{PlatformAction}|{ChangedAt}");
    }
}
