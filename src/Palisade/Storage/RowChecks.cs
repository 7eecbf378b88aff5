using System.Buffers;
using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Palisade.Storage;

/// <summary>
/// A keyed checksum for every row of nearly every table, bound to the row's table and place. SQLite itself does not notice most
/// changed bytes; with this a changed, lost or added row is named.
/// </summary>
/// <remarks>
/// <para>
/// The checksum is HMAC-SHA-256 over table, row number and all columns, cut to 64 bits. Triggers keep it, which are
/// temporary: they belong to the connection that writes. So what anybody changes past Palisade (a damaged disk, a SQL shell)
/// keeps its old checksum and is found.
/// </para>
/// <para>
/// The entries of the audit log carry seals of their own, bound to a number that leaves no gap, and stand in its tree besides.
/// They are most of what is written, so they have no second checksum here.
/// </para>
/// <para>
/// PostgreSQL has checksums of its own for its pages (<c>initdb --data-checksums</c>), so this is for SQLite alone.
/// </para>
/// </remarks>
internal static class RowChecks
{
    public const string Table = "row_check";

    /// <summary>Which tables have checks, over which columns, and how many migrations there were when they were made.</summary>
    public const string RegisterTable = "row_check_table";

    private const string Function = "palisade_row_check";

    private const string Tables =
        """
        CREATE TABLE IF NOT EXISTS row_check_table (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, columns TEXT NOT NULL, migrations INTEGER NOT NULL
        );
        CREATE TABLE IF NOT EXISTS row_check (
            tbl INTEGER NOT NULL, row INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (tbl, row)
        ) WITHOUT ROWID
        """;

    /// <summary>One table with checks.</summary>
    public sealed record Checked(long Id, string Name, string Columns, long Migrations)
    {
        /// <summary>The expression that gives a row's checksum.</summary>
        /// <param name="row">The row's name in SQL, with its dot: <c>NEW.</c></param>
        public string Of(string row) => string.Create(
            CultureInfo.InvariantCulture,
            $"{Function}({Id}, {row}rowid, {string.Join(", ", Columns.Split(' ').Select(column => $"{row}\"{column}\""))})");
    }

    /// <summary>Makes the checks of tables that have none or were migrated, and keeps all of them from now on.</summary>
    public static void Keep(SqliteTransaction transaction, byte[] key)
    {
        var connection = transaction.Connection!;
        Prepare(connection, key);
        connection.Execute(Tables, transaction: transaction);
        var migrations = connection.QuerySingle<long>("SELECT COUNT(*) FROM migration", transaction: transaction);
        var known = Registered(connection, transaction).ToDictionary(table => table.Name, StringComparer.Ordinal);
        foreach (var (name, columns) in Present(connection, transaction))
        {
            if (!known.Remove(name, out var table) || table.Columns != columns || table.Migrations != migrations)
            {
                table = Fill(connection, transaction, name, columns, migrations);
            }

            connection.Execute(Triggers(table), transaction: transaction);
        }

        foreach (var gone in known.Values)
        {
            connection.Execute("DELETE FROM row_check WHERE tbl = @Id", gone, transaction);
            connection.Execute("DELETE FROM row_check_table WHERE id = @Id", gone, transaction);
        }
    }

    /// <summary>Gives a connection the function by which checks are compared.</summary>
    public static void Prepare(SqliteConnection connection, byte[] key) =>
        connection.CreateFunction(Function, (object?[] values) => Compute(key, values), isDeterministic: true);

    public static IReadOnlyList<Checked> Registered(DbConnection connection, DbTransaction? transaction = null) =>
        [.. connection.Query<Checked>("SELECT id, name, columns, migrations FROM row_check_table ORDER BY id", transaction: transaction)];

    /// <summary>The tables that hold records, and their columns in order.</summary>
    public static IReadOnlyList<(string Name, string Columns)> Present(DbConnection connection, DbTransaction? transaction = null) =>
    [
        .. connection.Query<(string, string)>(
            """
            SELECT t.name, (SELECT group_concat(c.name, ' ') FROM (SELECT name FROM pragma_table_info(t.name) ORDER BY cid) c)
            FROM sqlite_master t
            WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite@_%' ESCAPE '@' AND t.name NOT IN ('row_check', 'row_check_table', 'audit_entry')
            ORDER BY t.name
            """,
            transaction: transaction),
    ];

    private static Checked Fill(
        SqliteConnection connection, SqliteTransaction transaction, string name, string columns, long migrations)
    {
        connection.Execute(
            """
            INSERT INTO row_check_table (name, columns, migrations) VALUES (@name, @columns, @migrations)
            ON CONFLICT (name) DO UPDATE SET columns = excluded.columns, migrations = excluded.migrations
            """,
            new { name, columns, migrations },
            transaction);
        var table = connection.QuerySingle<Checked>(
            "SELECT id, name, columns, migrations FROM row_check_table WHERE name = @name", new { name }, transaction);
        connection.Execute("DELETE FROM row_check WHERE tbl = @Id", table, transaction);
        connection.Execute(
            string.Create(CultureInfo.InvariantCulture, $"INSERT INTO row_check SELECT {table.Id}, t.rowid, {table.Of("t.")} FROM \"{name}\" t"),
            transaction: transaction);
        return table;
    }

    /// <remarks>No INSERT OR REPLACE: inside a trigger the statement that fired it may turn it into OR IGNORE.</remarks>
    private static string Triggers(Checked table)
    {
        var keep = string.Create(
            CultureInfo.InvariantCulture,
            $"INSERT INTO row_check VALUES ({table.Id}, NEW.rowid, {table.Of("NEW.")}) ON CONFLICT (tbl, row) DO UPDATE SET value = excluded.value;");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            CREATE TEMP TRIGGER IF NOT EXISTS row_check_{table.Id}_insert AFTER INSERT ON main."{table.Name}" BEGIN {keep} END;
            CREATE TEMP TRIGGER IF NOT EXISTS row_check_{table.Id}_update AFTER UPDATE ON main."{table.Name}" BEGIN
                DELETE FROM row_check WHERE tbl = {table.Id} AND row = OLD.rowid AND OLD.rowid <> NEW.rowid; {keep}
            END;
            CREATE TEMP TRIGGER IF NOT EXISTS row_check_{table.Id}_delete AFTER DELETE ON main."{table.Name}" BEGIN
                DELETE FROM row_check WHERE tbl = {table.Id} AND row = OLD.rowid;
            END
            """);
    }

    /// <summary>Each value is written with its type and length, so that no two rows read alike.</summary>
    private static long Compute(byte[] key, object?[] values)
    {
        var size = values.Sum(value => value switch { string text => 5 + Encoding.UTF8.GetMaxByteCount(text.Length), byte[] bytes => 5 + bytes.Length, _ => 9 });
        var rented = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var at = 0;
            foreach (var value in values)
            {
                at += Write(rented.AsSpan(at), value);
            }

            Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
            HMACSHA256.HashData(key, rented.AsSpan(0, at), digest);
            return BinaryPrimitives.ReadInt64BigEndian(digest);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    private static int Write(Span<byte> destination, object? value)
    {
        switch (value)
        {
            case long number:
                destination[0] = (byte)'i';
                BinaryPrimitives.WriteInt64BigEndian(destination[1..], number);
                return 9;
            case double number:
                destination[0] = (byte)'r';
                BinaryPrimitives.WriteDoubleBigEndian(destination[1..], number);
                return 9;
            case string text:
                destination[0] = (byte)'t';
                var length = Encoding.UTF8.GetBytes(text, destination[5..]);
                BinaryPrimitives.WriteInt32BigEndian(destination[1..], length);
                return 5 + length;
            case byte[] bytes:
                destination[0] = (byte)'b';
                BinaryPrimitives.WriteInt32BigEndian(destination[1..], bytes.Length);
                bytes.CopyTo(destination[5..]);
                return 5 + bytes.Length;
            default:
                destination[0] = (byte)'n';
                return 1;
        }
    }
}
