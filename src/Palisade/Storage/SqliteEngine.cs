using System.Data;
using System.Data.Common;
using System.Threading.Channels;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Palisade.Storage;

/// <summary>
/// SQLite in the data folder: write-ahead log, full synchronisation, one writer that commits in groups.
/// </summary>
/// <remarks>
/// The queue of writes is bounded. What if it is full: callers wait, and their tokens still work. What at shutdown: every
/// accepted write is committed, later ones are refused. What after a crash: writes that were not acknowledged may be
/// gone, acknowledged ones are on disk, because each task completes only after the commit that synchronised it.
/// </remarks>
internal sealed class SqliteEngine : StoreEngine
{
    /// <summary>The store's file in the data folder.</summary>
    public const string FileName = "palisade.db";

    private const int QueueLength = 1024;
    private const int MostWritesInCommit = 256;

    /// <summary>A group is closed after this long, so that a big write does not hold up the small ones before it.</summary>
    private static readonly TimeSpan LongestGroup = TimeSpan.FromMilliseconds(20);

    /// <summary>64 MiB: the index of the keys of a million signals, into which a list writes everywhere.</summary>
    private const int CacheKibibytes = 64 * 1024;

    /// <summary>
    /// 32 MiB of pages of 4 KiB. A page that many commits changed is then brought home once and not each time, which makes
    /// a long import write half as much.
    /// </summary>
    private const int PagesBeforeCheckpoint = 8192;

    private const long LargestIdleLogBytes = 64L << 20;

    private const string StoppedText =
        "The store stopped because a commit did not reach the disk. Check the disk, then start Palisade again: it opens at " +
        "the last acknowledged record.";

    private const int DiskInputOutputError = 10;
    private const int DiskFull = 13;

    private readonly TimeProvider _clock;
    private readonly string _readConnectionString;
    private readonly SqliteConnection _writer;
    private readonly Channel<PendingWrite> _queue = Channel.CreateBounded<PendingWrite>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private readonly CancellationTokenSource _failed = new();
    private readonly Task _writing;

    private SqliteEngine(TimeProvider clock, string readConnectionString, SqliteConnection writer)
    {
        _clock = clock;
        _readConnectionString = readConnectionString;
        _writer = writer;
        Failed = _failed.Token;
        _writing = Task.Run(RunWriterAsync);
    }

    public override Dialect Dialect => Dialect.Sqlite;

    public override CancellationToken Failed { get; }

    public static SqliteEngine Open(string folder, TimeProvider clock)
    {
        StorageFolder.Create(folder);
        var file = Path.Combine(folder, FileName);
        StorageFolder.CreateFile(file);
        var settings = new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true, Pooling = false };
        var writer = new SqliteConnection(settings.ConnectionString);
        try
        {
            writer.Open();
            writer.Execute("PRAGMA busy_timeout = 5000");
            var mode = writer.QuerySingle<string>("PRAGMA journal_mode = WAL");
            if (mode != "wal")
            {
                throw new StoreUnusableException(
                    $"SQLite could not switch {file} to its write-ahead log (it says '{mode}'). Use a local file system " +
                    "that offers shared memory, or PostgreSQL.");
            }

            writer.Execute(
                $"PRAGMA synchronous = FULL; PRAGMA secure_delete = FAST; PRAGMA cache_size = -{CacheKibibytes}; " +
                $"PRAGMA wal_autocheckpoint = {PagesBeforeCheckpoint}; PRAGMA journal_size_limit = {LargestIdleLogBytes}");
            StorageFolder.Synchronise(folder);
        }
        catch
        {
            writer.Dispose();
            throw;
        }

        settings.Pooling = true;
        return new SqliteEngine(clock, settings.ConnectionString, writer);
    }

    public override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var connection = new SqliteConnection(_readConnectionString);
        await connection.OpenAsync(cancellationToken);
        await connection.ExecuteAsync("PRAGMA busy_timeout = 5000; PRAGMA query_only = 1");
        return await read(connection);
    }

    public override async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        var pending = new PendingWrite<T>(write, cancellationToken);
        try
        {
            await _queue.Writer.WriteAsync(pending, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            ThrowIfFailed();
            throw new ObjectDisposedException(nameof(Store), "The store is being closed and takes no more writes.");
        }

        return await pending.Completion;
    }

    public override Task KeepRowChecksAsync(byte[] key, CancellationToken cancellationToken) => WriteAsync(
        transaction =>
        {
            RowChecks.Keep((SqliteTransaction)transaction, key);
            return Task.FromResult(true);
        },
        cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing;
        await _writer.DisposeAsync();
        using (var pool = new SqliteConnection(_readConnectionString))
        {
            SqliteConnection.ClearPool(pool);
        }

        _failed.Dispose();
    }

    private async Task RunWriterAsync()
    {
        var group = new List<PendingWrite>(MostWritesInCommit);
        while (await _queue.Reader.WaitToReadAsync())
        {
            group.Clear();
            try
            {
                await CommitGroupAsync(group);
            }
            catch (Exception error)
            {
                FailGroup(group, error);
            }
        }
    }

    private async Task CommitGroupAsync(List<PendingWrite> group)
    {
        SqliteTransaction transaction;
        try
        {
            transaction = _writer.BeginTransaction(IsolationLevel.Serializable, deferred: false);
        }
        catch (SqliteException)
        {
            // Another process kept the lock for longer than the time-out: those who wait are told, one by one.
            if (_queue.Reader.TryRead(out var refused))
            {
                group.Add(refused);
            }

            throw;
        }

        await using (transaction)
        {
            var began = _clock.GetTimestamp();
            while (group.Count < MostWritesInCommit && _queue.Reader.TryRead(out var write))
            {
                if (!write.IsAbandoned)
                {
                    await RunInSavepointAsync(transaction, write, group);
                }

                if (_clock.GetElapsedTime(began) > LongestGroup)
                {
                    break;
                }
            }

            Commit(transaction);
        }

        foreach (var write in group)
        {
            write.Acknowledge();
        }
    }

    private static async Task RunInSavepointAsync(SqliteTransaction transaction, PendingWrite write, List<PendingWrite> group)
    {
        transaction.Save("one_write");
        try
        {
            await write.RunAsync(transaction);
        }
        catch (SqliteException error) when (error.SqliteErrorCode is DiskInputOutputError or DiskFull)
        {
            // SQLite has undone the whole transaction by itself, so the neighbours fail with this one.
            group.Add(write);
            throw;
        }
        catch (Exception error)
        {
            transaction.Rollback("one_write");
            transaction.Release("one_write");
            write.Fail(error);
            return;
        }

        transaction.Release("one_write");
        group.Add(write);
    }

    /// <remarks>
    /// After a failed sync the kernel may have dropped the pages, and a second sync would report success for data that is
    /// gone (PostgreSQL learnt it in 2018). So it is not tried again: the store stops here for good. A full disk is told
    /// to the callers, and the next group is tried.
    /// </remarks>
    private void Commit(SqliteTransaction transaction)
    {
        try
        {
            transaction.Commit();
        }
        catch (SqliteException error) when (error.SqliteErrorCode != DiskFull)
        {
            _failed.Cancel();
            _queue.Writer.TryComplete();
            throw;
        }
    }

    private void FailGroup(List<PendingWrite> group, Exception error)
    {
        var told = Explain(error);
        foreach (var write in group)
        {
            write.Fail(told);
        }

        while (Failed.IsCancellationRequested && _queue.Reader.TryRead(out var waiting))
        {
            waiting.Fail(told);
        }
    }

    /// <summary>The same error in words that say what to do; each caller must be able to tell it from a fault of its own.</summary>
    private Exception Explain(Exception error) => error switch
    {
        _ when Failed.IsCancellationRequested => new IOException(StoppedText, error),
        SqliteException { SqliteErrorCode: DiskFull } => new IOException(
            "The disk of the data folder is full, so this was not written. Make room there: writing then goes on by itself.",
            error),
        SqliteException { SqliteErrorCode: DiskInputOutputError } => new IOException(
            "The disk of the data folder reported an error, so this was not written. Check the disk.", error),
        _ => error,
    };

    private void ThrowIfFailed()
    {
        if (Failed.IsCancellationRequested)
        {
            throw new IOException(StoppedText);
        }
    }
}
