using System.Data.Common;
using Dapper;
using Palisade.Policy;
using Palisade.Review;
using Palisade.Storage;

namespace Palisade.Scanning;

/// <summary>
/// The records of scans that were not clean. A record, its case, its evidence's row, its line in the verdict feed, its audit
/// entries and its idempotency row appear in one transaction, and nobody is answered before it is on stable storage: a crash
/// leaves all of it or nothing, and a caller without an answer asks again.
/// </summary>
public sealed class ScanRecords(Store store, RecordSeal seal, CaseIntake intake, VerdictFeed feed, IdempotencyWindow idempotency)
{
    /// <summary>A record with the verdict that is in force now.</summary>
    public sealed record Current(ScanRecord Record, VerdictAction Verdict);

    /// <returns>Null when no such scan is kept.</returns>
    public Task<Current?> FindAsync(ScanId id, CancellationToken cancellationToken) => store.ReadAsync<Current?>(
        async connection => await FindAsync(connection, id) is { } record
            ? new Current(record, await feed.CurrentAsync(connection, id.ToString()) ?? record.Verdict)
            : null,
        cancellationToken);

    /// <summary>Keeps records of scans that came without an idempotency key.</summary>
    /// <param name="more">What is written in the same transaction; null for nothing.</param>
    internal async Task KeepAsync(
        IReadOnlyCollection<KeptScan> records, Func<DbTransaction, Task>? more, CancellationToken cancellationToken)
    {
        if (records.Count == 0 && more is null)
        {
            return;
        }

        await store.WriteAsync(
            async transaction =>
            {
                foreach (var record in records)
                {
                    await AddAsync(transaction, record);
                }

                await (more?.Invoke(transaction) ?? Task.CompletedTask);
                return records.Count;
            },
            cancellationToken);
        store.Feeds.Ring(VerdictFeed.Name);
    }

    /// <summary>Keeps an answer under its idempotency key, and its record when it has one.</summary>
    /// <returns>Null when it was kept; otherwise the answer that another node gave first.</returns>
    internal async Task<(IdempotencyWindow.Remembered Answer, bool IsSameRequest)?> KeepOnceAsync(
        IdempotencyWindow.Marks marks,
        ScanRecord record,
        KeptScan? kept,
        Func<DbTransaction, Task>? more,
        CancellationToken cancellationToken)
    {
        var earlier = await store.WriteAsync<(IdempotencyWindow.Remembered, bool)?>(
            async transaction =>
            {
                var isFirst = await IdempotencyWindow.TryAddAsync(
                    transaction, marks, record.Id.ToString(), record.Service, record.Verdict, record.IndexGeneration, record.ScannedAt);
                if (!isFirst)
                {
                    return await idempotency.FindAsync(transaction.Connection!, transaction, marks);
                }

                if (kept is not null)
                {
                    await AddAsync(transaction, kept);
                }

                await (more?.Invoke(transaction) ?? Task.CompletedTask);
                return null;
            },
            cancellationToken);
        store.Feeds.Ring(VerdictFeed.Name);
        return earlier;
    }

    /// <summary>Keeps the second verdict on an upload that waited for its regions, and takes it out of the queue.</summary>
    /// <returns>False when another node was quicker.</returns>
    internal async Task<bool> KeepSecondAsync(KeptScan kept, CancellationToken cancellationToken)
    {
        var isFirst = await store.WriteAsync(
            async transaction =>
            {
                if (!await RegionBacklog.RemoveAsync(transaction, kept.Record.Id))
                {
                    return false;
                }

                await AddAsync(transaction, kept);
                return true;
            },
            cancellationToken);
        store.Feeds.Ring(VerdictFeed.Name);
        return isFirst;
    }

    /// <summary>The answer to a request that was answered before.</summary>
    internal Task<(IdempotencyWindow.Remembered Answer, bool IsSameRequest)?> FindAnswerAsync(
        IdempotencyWindow.Marks marks, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => idempotency.FindAsync(connection, transaction: null, marks), cancellationToken);

    private async Task AddAsync(DbTransaction transaction, KeptScan kept)
    {
        // The order of locks, as Sequences lays it down: the case, the feed, the audit log. There is a record already where
        // an upload waited for its regions and its first verdict had to be kept: that one stands, the feed tells the second.
        var record = kept.Record;
        var entered = kept.Case is { } incoming ? await intake.EnterAsync(transaction, incoming) : null;
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO scan_record (id, service, verdict, index_generation, scanned_at, facts)
            VALUES (@Id, @Service, @Verdict, @IndexGeneration, @ScannedAt, @Facts)
            ON CONFLICT (id) DO NOTHING
            """,
            new Row(
                record.Id.ToString(),
                record.Service,
                Words.Of(record.Verdict),
                record.IndexGeneration,
                record.ScannedAt.ToUnixTimeMilliseconds(),
                seal.Seal(record.Facts.ToBytes(), record.Bound())),
            transaction);

        // A scan that is allowed waits for nothing, so the feed has nothing to say of it.
        if (record.Verdict != VerdictAction.Allow)
        {
            await feed.AppendAsync(
                transaction, record.Id.ToString(), record.Service, record.Facts.ContentId, record.Verdict, record.ScannedAt,
                entered?.Case.Id);
        }

        if (entered is not null)
        {
            await intake.AttestAsync(transaction, entered);
        }
    }

    private async Task<ScanRecord?> FindAsync(DbConnection connection, ScanId id)
    {
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            """
            SELECT id AS Id, service AS Service, verdict AS Verdict, index_generation AS IndexGeneration,
                   scanned_at AS ScannedAt, facts AS Facts
            FROM scan_record WHERE id = @id
            """,
            new { id = id.ToString() });
        if (row is null)
        {
            return null;
        }

        var record = new ScanRecord
        {
            Id = id,
            Service = row.Service,
            Verdict = Words.Parse<VerdictAction>(row.Verdict),
            IndexGeneration = row.IndexGeneration,
            ScannedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.ScannedAt),
            Facts = new ScanFacts { Reasons = [], Matches = [], Digests = new Dictionary<string, string>(StringComparer.Ordinal) },
        };
        return record with { Facts = ScanFacts.FromBytes(seal.Open(row.Facts, record.Bound())) };
    }

    private sealed record Row(string Id, string Service, string Verdict, long IndexGeneration, long ScannedAt, byte[] Facts);
}
