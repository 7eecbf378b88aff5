using System.Data.Common;
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
    /// The condition that a column has one of the values in an array parameter: Dapper spreads the array out for SQLite
    /// (keep it to some hundreds) and hands it to PostgreSQL whole.
    /// </summary>
    public string IsOneOf(string column, string parameter) =>
        this == Postgres ? $"{column} = ANY({parameter})" : $"{column} IN {parameter}";

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

        await using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns.Select(c => c.Name))}) " +
            $"VALUES ({string.Join(", ", columns.Select(c => "@" + c.Name))})";
        foreach (var column in columns)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + column.Name;
            command.Parameters.Add(parameter);
        }

        await command.PrepareAsync();
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                command.Parameters[i].Value = row[i] ?? DBNull.Value;
            }

            await command.ExecuteNonQueryAsync();
        }
    }

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
