using System.Data.Common;

namespace Palisade.Storage;

/// <summary>What the two engines have in common: how a read and a write are run.</summary>
internal abstract class StoreEngine : IAsyncDisposable
{
    public abstract Dialect Dialect { get; }

    public virtual CancellationToken Failed => CancellationToken.None;

    public abstract Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken);

    public abstract Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, CancellationToken cancellationToken);

    /// <summary>Keeps a keyed checksum for every row from now on, where the engine has none of its own.</summary>
    public virtual Task KeepRowChecksAsync(byte[] key, CancellationToken cancellationToken) => Task.CompletedTask;

    public abstract ValueTask DisposeAsync();
}
