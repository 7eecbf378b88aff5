using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Palisade.Storage;

/// <summary>The few differences between SQLite and PostgreSQL that one SQL text cannot hide.</summary>
public sealed class Dialect
{
    public static readonly Dialect Sqlite = new("SQLite", blob: "BLOB", id: "INTEGER PRIMARY KEY");
    public static readonly Dialect Postgres = new("PostgreSQL", blob: "bytea", id: "BIGINT PRIMARY KEY");

    private readonly string _blob;
    private readonly string _id;

    private Dialect(string name, string blob, string id)
    {
        Name = name;
        _blob = blob;
        _id = id;
    }

    public string Name { get; }

    /// <summary>The dialect that a connection speaks.</summary>
    public static Dialect Of(DbConnection connection) => connection is SqliteConnection ? Sqlite : Postgres;

    /// <summary>
    /// Fills in <c>{blob}</c> (type of a column of bytes) and <c>{id}</c> (type of a number that is the primary key; on
    /// SQLite only INTEGER makes it the row's own address).
    /// </summary>
    public string Translate(string sql) => sql
        .Replace("{blob}", _blob, StringComparison.Ordinal)
        .Replace("{id}", _id, StringComparison.Ordinal);

    /// <summary>
    /// The condition that a column has one of many values, and the argument to give under the parameter's name. SQLite gets
    /// them as one JSON text: a parameter for each would cost it a search through all names for each.
    /// </summary>
    /// <param name="values">Numbers or arrays of bytes.</param>
    public (string Condition, object Argument) OneOf<T>(string column, string parameter, IEnumerable<T> values) =>
        this == Postgres ? ($"{column} = ANY({parameter})", values.ToArray())
        : typeof(T) == typeof(byte[])
            ? ($"{column} IN (SELECT unhex(value) FROM json_each({parameter}))", JsonOf(values.Cast<byte[]>()))
            : ($"{column} IN (SELECT value FROM json_each({parameter}))", $"[{string.Join(',', values)}]");

    /// <summary>Inserts many rows in the quickest way that the engine has.</summary>
    /// <param name="columns">Name and type of each column, in the order of the values in a row.</param>
    public static async Task InsertRowsAsync(
        DbTransaction transaction, string table, IReadOnlyList<BulkColumn> columns, IEnumerable<object?[]> rows)
    {
        if (transaction.Connection is NpgsqlConnection postgres)
        {
            await CopyAsync(postgres, table, columns, rows);
            return;
        }

        InsertEach(transaction, InsertOf(table, columns), columns, rows);
    }

    /// <summary>
    /// Inserts the rows whose key is not in the table yet and passes over the others, which is quicker than to look for
    /// each one first.
    /// </summary>
    /// <param name="columns">The first is a number that tells the rows apart.</param>
    /// <param name="key">A column with a unique index.</param>
    /// <returns>The first column of the rows that were inserted.</returns>
    public static async Task<IReadOnlySet<long>> InsertMissingRowsAsync(
        DbTransaction transaction, string table, IReadOnlyList<BulkColumn> columns, string key, IEnumerable<object?[]> rows)
    {
        var unlessThere = $"ON CONFLICT ({key}) DO NOTHING";
        if (transaction.Connection is not NpgsqlConnection postgres)
        {
            return InsertEach(transaction, $"{InsertOf(table, columns)} {unlessThere}", columns, rows);
        }

        var names = string.Join(", ", columns.Select(column => column.Name));
        await postgres.ExecuteAsync(
            $"CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {names} FROM {table} LIMIT 0", transaction: transaction);
        await CopyAsync(postgres, "incoming", columns, rows);
        var inserted = await postgres.QueryAsync<long>(
            $"INSERT INTO {table} ({names}) SELECT {names} FROM incoming {unlessThere} RETURNING {columns[0].Name}",
            transaction: transaction);
        var ids = inserted.ToHashSet();
        await postgres.ExecuteAsync("DROP TABLE incoming", transaction: transaction);
        return ids;
    }

    private static string InsertOf(string table, IReadOnlyList<BulkColumn> columns) =>
        $"INSERT INTO {table} ({string.Join(", ", columns.Select(c => c.Name))}) " +
        $"VALUES ({string.Join(", ", columns.Select(c => "@" + c.Name))})";

    /// <summary>SQLite does its work on the calling thread, so nothing is awaited for a row.</summary>
    private static HashSet<long> InsertEach(
        DbTransaction transaction, string insert, IReadOnlyList<BulkColumn> columns, IEnumerable<object?[]> rows)
    {
        var inserted = new HashSet<long>();
        using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = insert;
        foreach (var column in columns)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + column.Name;
            command.Parameters.Add(parameter);
        }

        command.Prepare();
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                command.Parameters[i].Value = row[i] ?? DBNull.Value;
            }

            if (command.ExecuteNonQuery() == 1)
            {
                inserted.Add((long)row[0]!);
            }
        }

        return inserted;
    }

    private static string JsonOf(IEnumerable<byte[]> values) =>
        $"[{string.Join(',', values.Select(value => $"\"{Convert.ToHexStringLower(value)}\""))}]";

    private static async Task CopyAsync(
        NpgsqlConnection postgres, string table, IReadOnlyList<BulkColumn> columns, IEnumerable<object?[]> rows)
    {
        await using var copy = await postgres.BeginBinaryImportAsync(
            $"COPY {table} ({string.Join(", ", columns.Select(c => c.Name))}) FROM STDIN (FORMAT BINARY)");
        foreach (var row in rows)
        {
            await copy.StartRowAsync();
            for (var i = 0; i < row.Length; i++)
            {
                if (row[i] is null)
                {
                    await copy.WriteNullAsync();
                }
                else
                {
                    await copy.WriteAsync(row[i], columns[i].PostgresType);
                }
            }
        }

        await copy.CompleteAsync();
    }
}
