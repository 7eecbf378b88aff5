using System.Data.Common;

namespace Palisade.Storage;

/// <summary>
/// The record store: SQLite in the data folder, or PostgreSQL when a connection string is given. One SQL text for both.
/// </summary>
public sealed class Store : IAsyncDisposable
{
    /// <summary>Opens the store and brings its tables up to date, under a lock.</summary>
    public static Task<Store> OpenAsync(StoreOptions options, TimeProvider clock, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Reads with a connection of its own.</summary>
    public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>
    /// Writes in one transaction; when the task completes the write is on stable storage. On SQLite writes that arrive
    /// together share one commit.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
