using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Palisade.Storage;

/// <summary>
/// SQLite opened so that no byte and no time in the folder changes, whether a service is running on it, was killed, or is
/// at rest.
/// </summary>
internal sealed class SqliteReadOnlyEngine : StoreEngine
{
    private readonly string _connectionString;

    private SqliteReadOnlyEngine(string connectionString) => _connectionString = connectionString;

    public override Dialect Dialect => Dialect.Sqlite;

    /// <exception cref="StoreUnusableException">There is no store, or it cannot be read without writing.</exception>
    public static SqliteReadOnlyEngine Open(string folder)
    {
        var file = Path.Combine(Path.GetFullPath(folder), SqliteEngine.FileName);
        if (!File.Exists(file))
        {
            throw new StoreUnusableException($"There is no store in {folder}: {SqliteEngine.FileName} is missing.");
        }

        return new SqliteReadOnlyEngine(new SqliteConnectionStringBuilder
        {
            DataSource = $"file:{Uri.EscapeDataString(file).Replace("%2F", "/", StringComparison.Ordinal)}?{ModeFor(file)}",
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ConnectionString);
    }

    public override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);
        await connection.ExecuteAsync("PRAGMA busy_timeout = 5000; PRAGMA query_only = 1");
        return await read(connection);
    }

    public override Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("This store was opened for reading alone.");

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <remarks>
    /// Without a write-ahead log nobody has the file open, and as an immutable one it needs no files beside it. With one,
    /// the shared memory beside it is opened for reading alone: SQLite then keeps its own notes in memory.
    /// </remarks>
    private static string ModeFor(string file)
    {
        var log = new FileInfo(file + "-wal");
        if (!log.Exists || log.Length == 0)
        {
            return "immutable=1";
        }

        return File.Exists(file + "-shm")
            ? "readonly_shm=1"
            : throw new StoreUnusableException(
                $"The store has a write-ahead log ({log.Name}) without the file {SqliteEngine.FileName}-shm beside it, so it cannot be " +
                "read without writing. Start and stop Palisade on it once, which brings the log home, then try again.");
    }
}
