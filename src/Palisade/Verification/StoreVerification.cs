using System.Data.Common;
using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Verification;

/// <summary>
/// Reads every row of every table in the SQLite file, compares it with its keyed checksum, and names what does not fit. Looks
/// at the structure of the file and at the tables' definitions as well, since a checksum says nothing of those.
/// </summary>
internal sealed class StoreVerification(BankKey key, Tally tally, long fileBytes)
{
    private long _reportedBytes;
    private long _rows;
    private long _rowsExpected;

    public async Task RunAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        RowChecks.Prepare(connection, key.DeriveFor(BankKey.RowCheckPurpose));
        try
        {
            CheckDefinitions(connection);
            var tables = RowChecks.Registered(connection);
            if (tables.Count == 0)
            {
                tally.NotExamined.Add("The store has no row checksums yet. Start this version of Palisade on it once.");
            }

            _rowsExpected = await connection.QuerySingleAsync<long>("SELECT COUNT(*) FROM row_check");
            foreach (var table in tables)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await CheckTableAsync(connection, table, cancellationToken);
            }

            CheckRegister(connection, tables);
            CheckStructure(connection);
        }
        catch (SqliteException error)
        {
            tally.Damaged("store " + SqliteEngine.FileName, $"it cannot be read any further: {Words(error)}");
        }

        tally.Read(fileBytes - _reportedBytes);
    }

    /// <summary>The rows of one table that do not fit their checksums, by number.</summary>
    public static IReadOnlyList<long> DamagedRows(SqliteConnection connection, BankKey key, string name)
    {
        RowChecks.Prepare(connection, key.DeriveFor(BankKey.RowCheckPurpose));
        return RowChecks.Registered(connection).FirstOrDefault(table => table.Name == name) is not { } table ? [] :
        [
            .. connection.Query<long>(
                $"SELECT t.rowid FROM \"{name}\" t JOIN row_check c ON c.tbl = @Id AND c.row = t.rowid WHERE c.value <> {table.Of("t.")}", table),
        ];
    }

    /// <summary>Compares the definitions with those that this program's migrations make in an empty store.</summary>
    private void CheckDefinitions(SqliteConnection connection)
    {
        using var fresh = new SqliteConnection("Data Source=:memory:");
        fresh.Open();
        using (var transaction = fresh.BeginTransaction())
        {
            new Migrations(Migration.ReadEmbedded(), TimeProvider.System).ApplyAsync(transaction).GetAwaiter().GetResult();
            RowChecks.Keep(transaction, new byte[BankKey.SizeBytes]);
            transaction.Commit();
        }

        var expected = DefinitionsOf(fresh);
        foreach (var (name, definition) in DefinitionsOf(connection))
        {
            if (!expected.Remove(name, out var right))
            {
                tally.Extra($"definition {Shown(name)}", "no version of Palisade up to this one makes it");
            }
            else if (right != definition)
            {
                tally.Damaged($"definition {name}", "it is not the one that the migrations make");
            }
        }

        foreach (var name in expected.Keys)
        {
            tally.Missing($"definition {name}", "the store lacks it");
        }
    }

    private static Dictionary<string, string> DefinitionsOf(SqliteConnection connection) =>
        connection.Query<(string Type, string Name, string Table, string? Sql)>("SELECT type, name, tbl_name, sql FROM sqlite_master")
            .GroupBy(row => $"{row.Type} {row.Name}", StringComparer.Ordinal)
            .ToDictionary(
                rows => rows.Key,
                rows => string.Join('\n', rows.Select(row => $"{row.Table}: {row.Sql?.ReplaceLineEndings("\n")}")),
                StringComparer.Ordinal);

    private async Task CheckTableAsync(SqliteConnection connection, RowChecks.Checked table, CancellationToken cancellationToken)
    {
        var last = long.MinValue;
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = string.Create(
                CultureInfo.InvariantCulture,
                $"""
                SELECT t.rowid, c.value IS NOT NULL, c.value = {table.Of("t.")}
                FROM "{table.Name}" t LEFT JOIN row_check c ON c.tbl = {table.Id} AND c.row = t.rowid ORDER BY t.rowid
                """);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                last = rows.GetInt64(0);
                CountRow();
                if (!rows.GetBoolean(1))
                {
                    tally.Extra(NameOf(connection, table, last), "it was added past Palisade, or its checksum was lost");
                }
                else if (!rows.GetBoolean(2))
                {
                    tally.Damaged(NameOf(connection, table, last), "its row was changed");
                }
            }

            CheckMissing(connection, table);
        }
        catch (SqliteException error)
        {
            tally.Damaged(
                $"table {table.Name}",
                last == long.MinValue ? $"it cannot be read: {Words(error)}" : $"it cannot be read beyond row {Tally.Number(last)}: {Words(error)}");
            CheckOneByOne(connection, table, last);
        }
    }

    private void CheckMissing(SqliteConnection connection, RowChecks.Checked table)
    {
        foreach (var row in connection.Query<long>(
            $"SELECT row FROM row_check c WHERE tbl = @Id AND NOT EXISTS (SELECT 1 FROM \"{table.Name}\" t WHERE t.rowid = c.row)",
            table,
            buffered: false))
        {
            tally.Missing($"record {table.Name} row {Tally.Number(row)}", "it was written and is gone");
        }
    }

    /// <summary>After a page that cannot be read: which of the rows behind it can be reached by their own number.</summary>
    private void CheckOneByOne(SqliteConnection connection, RowChecks.Checked table, long after)
    {
        foreach (var (row, kept) in connection.Query<(long, long)>(
            "SELECT row, value FROM row_check WHERE tbl = @Id AND row > @after ORDER BY row", new { table.Id, after }))
        {
            CountRow();
            try
            {
                var value = connection.QuerySingleOrDefault<long?>(
                    $"SELECT {table.Of("t.")} FROM \"{table.Name}\" t WHERE t.rowid = @row", new { row });
                if (value is null)
                {
                    tally.Missing($"record {table.Name} row {Tally.Number(row)}", "it was written and is gone");
                }
                else if (value != kept)
                {
                    tally.Damaged(NameOf(connection, table, row), "its row was changed");
                }
            }
            catch (SqliteException)
            {
                tally.Damaged($"record {table.Name} row {Tally.Number(row)}", "its page cannot be read");
            }
        }
    }

    private void CheckRegister(SqliteConnection connection, IReadOnlyList<RowChecks.Checked> tables)
    {
        var known = tables.ToDictionary(table => table.Name, table => table.Columns, StringComparer.Ordinal);
        foreach (var (name, columns) in RowChecks.Present(connection))
        {
            if (known.GetValueOrDefault(name) != columns)
            {
                tally.Damaged("store row_check_table", $"its line about table {Shown(name)} was changed or is gone");
            }
        }

        foreach (var stray in connection.Query<long>("SELECT DISTINCT tbl FROM row_check WHERE tbl NOT IN (SELECT id FROM row_check_table)"))
        {
            tally.Damaged("store row_check_table", $"its line number {Tally.Number(stray)} is gone");
        }
    }

    private void CheckStructure(SqliteConnection connection)
    {
        foreach (var line in connection.Query<string>("PRAGMA integrity_check", buffered: false))
        {
            if (line != "ok")
            {
                tally.Damaged("store structure", Shown(line));
            }
        }
    }

    /// <summary>By its key, which people know it by; by its number when not even that can be read.</summary>
    private static string NameOf(SqliteConnection connection, RowChecks.Checked table, long row)
    {
        try
        {
            var keys = connection.Query<string>(
                $"SELECT name FROM pragma_table_info('{table.Name}') WHERE pk > 0 ORDER BY pk").ToList();
            var names = keys.ConvertAll(column => $"CASE typeof(\"{column}\") WHEN 'blob' THEN substr(hex(\"{column}\"), 1, 12) ELSE \"{column}\" END");
            if (names.Count > 0)
            {
                var key = connection.QuerySingle<string>(
                    $"SELECT {string.Join(" || ' ' || ", names)} FROM \"{table.Name}\" WHERE rowid = @row", new { row });
                return $"record {table.Name} {Shown(key)}";
            }
        }
        catch (Exception error) when (error is DbException or InvalidOperationException or InvalidCastException)
        {
            // Told by its number.
        }

        return $"record {table.Name} row {Tally.Number(row)}";
    }

    private void CountRow()
    {
        tally.Records++;
        _rows++;

        // The file's size is shared out over its rows, so that the bar moves while a table is read.
        var now = _rowsExpected == 0 ? 0 : (long)(fileBytes * Math.Min(1, (double)_rows / _rowsExpected));
        if (now - _reportedBytes >= 64 << 10)
        {
            tally.Read(now - _reportedBytes);
            _reportedBytes = now;
        }
    }

    /// <summary>Damaged text may be long or full of control characters.</summary>
    private static string Shown(string? text) =>
        string.Concat((text ?? "").Take(120).Select(letter => char.IsControl(letter) ? '?' : letter));

    private static string Words(SqliteException error) => Shown(error.SqliteErrorCode switch
    {
        11 => "its structure is damaged",
        10 => "the disk reported an error",
        26 => "it is no SQLite file any more",
        _ => error.Message,
    });
}
