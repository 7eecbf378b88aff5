using System.Data.Common;
using Dapper;
using Palisade.Audit;
using Palisade.Storage;

namespace Palisade.Banks.Importing;

/// <summary>How imports and their refused lines lie in their tables.</summary>
internal static class ImportTable
{
    private const int FirstRefused = 20;

    private static readonly IReadOnlyList<BulkColumn> RefusalColumns =
        [BulkColumn.Number("import_id"), BulkColumn.Number("line"), BulkColumn.Text("reason")];

    private const string Columns =
        """
        id AS Id, bank_id AS BankId, state AS State, source_name AS SourceName, source_sha256 AS SourceSha256,
        settings AS Settings, new_signals AS NewSignals, position_bytes AS PositionBytes, position_lines AS PositionLines,
        added AS Added, already_there AS AlreadyThere, withdrawn AS Withdrawn, already_withdrawn AS AlreadyWithdrawn,
        refused AS Refused
        """;

    public static async Task<ImportRow?> FindAsync(DbConnection connection, long id, DbTransaction? transaction = null) =>
        await connection.QuerySingleOrDefaultAsync<ImportRow>(
            $"SELECT {Columns} FROM bank_import WHERE id = @id", new { id }, transaction);

    public static async Task<ImportRow?> FindOpenAsync(DbConnection connection, BankId bank, DbTransaction? transaction = null) =>
        await connection.QuerySingleOrDefaultAsync<ImportRow>(
            $"SELECT {Columns} FROM bank_import WHERE bank_id = @Number AND state IN ('staging', 'staged')", bank, transaction);

    public static Task InsertAsync(
        DbTransaction transaction, ImportRow row, long sourceBytes, DateTimeOffset at, Actor by) =>
        transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO bank_import (id, bank_id, state, source_name, source_sha256, source_bytes, settings, new_signals,
                position_bytes, position_lines, added, already_there, withdrawn, already_withdrawn, refused,
                started_at, started_by)
            VALUES (@Id, @BankId, @State, @SourceName, @SourceSha256, @sourceBytes, @Settings, @NewSignals,
                0, 0, 0, 0, 0, 0, 0, @at, @by)
            """,
            new
            {
                row.Id,
                row.BankId,
                row.State,
                row.SourceName,
                row.SourceSha256,
                sourceBytes,
                row.Settings,
                row.NewSignals,
                at = at.ToUnixTimeMilliseconds(),
                by = by.ToString(),
            },
            transaction);

    /// <summary>Writes down how far the import has come, unless another process went on with it meanwhile.</summary>
    public static async Task AdvanceAsync(DbTransaction transaction, ImportRow before, ImportRow after)
    {
        var changed = await transaction.Connection!.ExecuteAsync(
            """
            UPDATE bank_import SET state = @State, position_bytes = @PositionBytes, position_lines = @PositionLines,
                added = added + @added, already_there = already_there + @alreadyThere, withdrawn = withdrawn + @withdrawn,
                already_withdrawn = already_withdrawn + @alreadyWithdrawn, refused = refused + @refused
            WHERE id = @Id AND state = 'staging' AND position_bytes = @from
            """,
            new
            {
                after.Id,
                after.State,
                after.PositionBytes,
                after.PositionLines,
                added = after.Added - before.Added,
                alreadyThere = after.AlreadyThere - before.AlreadyThere,
                withdrawn = after.Withdrawn - before.Withdrawn,
                alreadyWithdrawn = after.AlreadyWithdrawn - before.AlreadyWithdrawn,
                refused = after.Refused - before.Refused,
                from = before.PositionBytes,
            },
            transaction);
        if (changed != 1)
        {
            throw new InvalidOperationException(
                $"Import {before.Id} was carried on or discarded by another process; this one stops without writing.");
        }
    }

    public static Task AddRefusalsAsync(DbTransaction transaction, long import, IEnumerable<RefusedLine> refused) =>
        Dialect.InsertRowsAsync(
            transaction,
            "bank_import_refusal",
            RefusalColumns,
            refused.Select(line => new object?[] { import, line.Line, Words.Of(line.Reason) }));

    public static async Task<IReadOnlyList<RefusedLine>> RefusedLinesAsync(
        DbConnection connection, long import, long afterLine, int limit)
    {
        var rows = await connection.QueryAsync<RefusalRow>(
            """
            SELECT line AS Line, reason AS Reason FROM bank_import_refusal
            WHERE import_id = @import AND line > @afterLine ORDER BY line LIMIT @limit
            """,
            new { import, afterLine, limit });
        return [.. rows.Select(row => new RefusedLine(row.Line, Words.Parse<LineRefusal>(row.Reason)))];
    }

    public static async Task<ImportPreview?> PreviewAsync(DbConnection connection, long id)
    {
        if (await FindAsync(connection, id) is not { } row)
        {
            return null;
        }

        var reasons = await connection.QueryAsync<ReasonRow>(
            "SELECT reason AS Reason, COUNT(*) AS Lines FROM bank_import_refusal WHERE import_id = @id GROUP BY reason",
            new { id });
        var held = row.Withdrawn == 0 ? 0 : await connection.QuerySingleAsync<long>(
            "SELECT COUNT(*) FROM signal_now WHERE bank_id = @BankId AND state <> 3", new { row.BankId });
        return row.ToPreview() with
        {
            RefusedByReason = reasons.ToDictionary(reason => Words.Parse<LineRefusal>(reason.Reason), reason => reason.Lines),
            FirstRefused = await RefusedLinesAsync(connection, id, 0, FirstRefused),
            Held = held,
        };
    }

    private sealed record RefusalRow(long Line, string Reason);

    private sealed record ReasonRow
    {
        public string Reason { get; init; } = "";

        public long Lines { get; init; }
    }
}

/// <summary>An import as it lies in its table.</summary>
internal sealed record ImportRow(
    long Id, long BankId, string State, string SourceName, byte[] SourceSha256, string Settings, string NewSignals,
    long PositionBytes, long PositionLines, long Added, long AlreadyThere, long Withdrawn, long AlreadyWithdrawn, long Refused)
{
    public ImportPreview ToPreview() => new()
    {
        Id = Id,
        Bank = new BankId(BankId),
        State = Words.Parse<ImportState>(State),
        SourceName = SourceName,
        SourceSha256 = Convert.ToHexStringLower(SourceSha256),
        NewSignals = Words.Parse<NewSignals>(NewSignals),
        Lines = PositionLines,
        Added = Added,
        AlreadyThere = AlreadyThere,
        Withdrawn = Withdrawn,
        AlreadyWithdrawn = AlreadyWithdrawn,
        Refused = Refused,
    };
}
