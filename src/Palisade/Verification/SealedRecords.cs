using System.Globalization;
using System.Text.Json;
using Dapper;
using Palisade.Approvals;
using Palisade.Banks;
using Palisade.Keys;
using Palisade.Review;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Verification;

/// <summary>
/// Opens every record that its room seals, by that room's own reading: the seal binds a record's facts to its id and its open
/// columns. It works alike on both engines.
/// </summary>
internal sealed class SealedRecords(Store store, BankKey key, TimeProvider clock, Tally tally)
{
    private const int Page = 500;

    private static Task NoId => Task.FromException(new FormatException("This is no id."));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var table = new CaseTable(key);
        var lines = new CaseLines(table.Seal);
        var scanSeal = new RecordSeal(key.DeriveFor("palisade scan v1 records"u8));
        var feed = new VerdictFeed(store, scanSeal, clock);
        var scans = new ScanRecords(store, scanSeal, intake: null!, feed, idempotency: null!);
        var approvals = new ApprovalBook(store, key, audit: null!, new ApprovalOptions(), clock);
        using var cipher = key.NewCipher();

        await CheckAsync<string>("scan_record", "id", id => ScanId.TryParse(id, out var scan) ? scans.FindAsync(scan, cancellationToken) : NoId, cancellationToken);
        await CheckAsync<long>("verdict_change", "seq", id => feed.FindAsync(id, cancellationToken), cancellationToken);
        await CheckAsync<string>(
            "review_case",
            "id",
            id => CaseId.TryParse(id, out var found)
                ? store.ReadAsync(
                    async connection =>
                    {
                        await table.FindAsync(connection, found);
                        await lines.NotesAsync(connection, found);
                        await lines.DecisionsAsync(connection, found);
                        return true;
                    },
                    cancellationToken)
                : NoId,
            cancellationToken);
        await CheckAsync<string>(
            "case_upload", "source_id", id => store.ReadAsync(connection => lines.FindUploadAsync(connection, id), cancellationToken), cancellationToken);
        await CheckAsync<long>("approval", "id", id => approvals.FindAsync(id, cancellationToken), cancellationToken);
        await CheckAsync<long>(
            "signal",
            "id",
            id => store.ReadAsync(connection => SignalTable.FindAsync(connection, new SignalId(id), cipher), cancellationToken),
            cancellationToken);
        await CheckAsync<long>(
            "sealing_key",
            "number",
            _ => store.ReadAsync(
                connection => new SealingKeyTable(new RowCheck(key.DeriveFor("sealing keys v1"u8))).ReadAsync(connection), cancellationToken),
            cancellationToken);
    }

    private async Task CheckAsync<TId>(string table, string column, Func<TId, Task> read, CancellationToken cancellationToken)
    {
        object? after = typeof(TId) == typeof(string) ? "" : long.MinValue;
        while (true)
        {
            var ids = await store.ReadAsync(
                async connection => (await connection.QueryAsync<TId>(
                    $"SELECT {column} FROM {table} WHERE {column} > @after ORDER BY {column} LIMIT @Page", new { after, Page })).ToList(),
                cancellationToken);
            if (ids.Count == 0)
            {
                return;
            }

            foreach (var id in ids)
            {
                tally.Records++;
                try
                {
                    await read(id);
                }
                catch (Exception error) when (error is StoreUnusableException or FormatException or JsonException or ArgumentException)
                {
                    tally.Damaged(
                        string.Create(CultureInfo.InvariantCulture, $"record {table} {id}"), "its seal does not fit, or it cannot be understood");
                }
            }

            after = ids[^1];
        }
    }
}
