using System.Data.Common;

namespace Palisade.Storage;

/// <summary>
/// The record store: SQLite in the data folder, or PostgreSQL when a connection string is given. One SQL text for both.
/// </summary>
/// <remarks>
/// Several processes may open the same store: a server and a command line on one folder, or many nodes on one PostgreSQL.
/// </remarks>
public sealed class Store : IAsyncDisposable
{
    private readonly StoreEngine _engine;

    private Store(StoreEngine engine) => _engine = engine;

    /// <summary>The few differences between the engines that SQL text must know.</summary>
    public Dialect Dialect => _engine.Dialect;

    /// <summary>Wakes readers in this process when a feed has grown; other processes notice by polling.</summary>
    public FeedBell Feeds { get; } = new();

    /// <summary>
    /// Cancelled when a commit could not reach stable storage. Nothing can be written after that: what the disk holds is
    /// unknown until the file is opened anew, so the process should stop and be started again.
    /// </summary>
    public CancellationToken Failed => _engine.Failed;

    /// <summary>Opens the store and brings its tables up to date, under a lock.</summary>
    /// <exception cref="StoreUnusableException">The store is of a newer or changed version; the text says what to do.</exception>
    public static async Task<Store> OpenAsync(StoreOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        StoreEngine engine = options.Postgres is { } postgres
            ? await PostgresEngine.OpenAsync(postgres, cancellationToken)
            : SqliteEngine.Open(options.Folder, clock);
        try
        {
            var migrations = new Migrations(Migration.ReadEmbedded(), clock);
            await engine.WriteAsync(migrations.ApplyAsync, cancellationToken);
            return new Store(engine);
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Opens the store for reading alone. No byte and no time in the data folder changes, whatever is read.
    /// </summary>
    /// <exception cref="StoreUnusableException">There is none, or it is of another version; the text says what to do.</exception>
    public static async Task<Store> OpenReadOnlyAsync(StoreOptions options, CancellationToken cancellationToken)
    {
        var store = await OpenUnexaminedAsync(options, cancellationToken);
        try
        {
            await store.ReadAsync(new Migrations(Migration.ReadEmbedded(), TimeProvider.System).CheckCompleteAsync, cancellationToken);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens for reading alone whatever is there, for whoever looks for damage in it.</summary>
    internal static async Task<Store> OpenUnexaminedAsync(StoreOptions options, CancellationToken cancellationToken) => new(
        options.Postgres is { } postgres
            ? await PostgresEngine.OpenAsync(postgres, cancellationToken)
            : SqliteReadOnlyEngine.Open(options.Folder));

    /// <summary>Reads with a connection of its own, which refuses to write.</summary>
    public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken) =>
        _engine.ReadAsync(read, cancellationToken);

    /// <summary>
    /// Writes in one transaction; when the task completes the write is on stable storage. On SQLite writes that arrive
    /// together share one commit.
    /// </summary>
    /// <param name="write">
    /// Must use only the transaction it is given, be quick, and not call <c>WriteAsync</c> itself: on SQLite every other
    /// writer waits for it. When it throws, only its own changes are undone.
    /// </param>
    /// <param name="cancellationToken">Heeded until the write begins; from then on it finishes.</param>
    public Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, CancellationToken cancellationToken) =>
        _engine.WriteAsync(write, cancellationToken);

    /// <summary>Keeps a keyed checksum for every row from now on; see <see cref="RowChecks"/>.</summary>
    internal Task KeepRowChecksAsync(byte[] key, CancellationToken cancellationToken) =>
        _engine.KeepRowChecksAsync(key, cancellationToken);

    /// <summary>Finishes the writes already accepted, refuses others, and closes.</summary>
    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
