using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Banks;

/// <summary>
/// Holds every bank in memory and follows the change log, so that a new signal is matched within a second on every node.
/// </summary>
/// <remarks>
/// Small changes make the next generation from the current one. A large list is read in the background, beside the
/// generation that goes on matching and following; it takes its place when it is whole. When the store cannot be read the
/// current generation stays, and <see cref="IsStale"/> says so.
/// </remarks>
public sealed class BankIndex(Store store, BankKey key, TimeProvider clock, ILogger<BankIndex> logger) : IDisposable
{
    /// <summary>The snapshot's name in the data folder.</summary>
    public const string SnapshotFileName = IndexSnapshot.FileName;

    /// <summary>How often another process's changes are looked for.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Followed less recently than this, the index no longer keeps its promise of one second by far.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(5);

    private const int MostChangesInStep = 1000;

    private static ReadOnlySpan<byte> SnapshotPurpose => "palisade bank v1 snapshot"u8;

    private readonly SemaphoreSlim _applying = new(1, 1);
    private IndexDraft? _draft;

    /// <summary>Which draft the current generation was made from, and how far that draft had come.</summary>
    private (IndexDraft? Draft, long Sequence) _published;
    private volatile IndexGeneration? _current;
    private long _lastFollowedAt;

    /// <summary>The first change that waits for the background load, and that load.</summary>
    private long? _putOff;
    private Task<IndexDraft>? _loading;

    /// <summary>A list that touches more signals than this is loaded in the background.</summary>
    internal int MostRowsAtOnce { get; init; } = 20_000;

    /// <summary>After so many rows of small changes everything is loaded anew, which makes the search index compact.</summary>
    internal int MostChangedRows { get; init; } = 100_000;

    /// <summary>Where the snapshot lies that starts read instead of the store; null keeps none.</summary>
    public string? SnapshotFile { get; init; }

    /// <exception cref="InvalidOperationException"><see cref="LoadAsync"/> has not been awaited.</exception>
    public IndexGeneration Current => _current ?? throw new InvalidOperationException("The banks are not in memory yet.");

    public bool IsLoaded => _current is not null;

    /// <summary>When the change log was last read to its end.</summary>
    public DateTimeOffset LastFollowedAt => DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Read(ref _lastFollowedAt));

    /// <summary>Changes of the last seconds may be missing: not ready.</summary>
    public bool IsStale => !IsLoaded || clock.GetUtcNow() - LastFollowedAt > StaleAfter;

    /// <summary>Reads every bank into memory: from the snapshot and the changes since where that is possible, else from the store.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _applying.WaitAsync(cancellationToken);
        try
        {
            _draft = await TryLoadSnapshotAsync(cancellationToken) ?? await LoadDraftAsync(cancellationToken);
            _putOff = null;
            Publish();
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>Follows until cancelled. One reader; run it once.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // Taken before the log is read, so that a change in between is not slept through.
            var rung = store.Feeds.Next(BankChangeLog.Feed);
            try
            {
                await CatchUpAsync(cancellationToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                logger.LogError(
                    error,
                    "The banks could not be brought up to date; matching goes on with generation {Number}",
                    _current?.Number);
            }

            try
            {
                await Task.WhenAny(rung, Task.Delay(PollInterval, clock, cancellationToken));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Applies what the change log holds now. A large list may be put off to the background; <see cref="SettleAsync"/>
    /// waits for it.
    /// </summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await _applying.WaitAsync(cancellationToken);
        try
        {
            if (_draft is null)
            {
                throw new InvalidOperationException("Load the banks before following them.");
            }

            await TakeLoadedAsync(cancellationToken);
            await ApplyLogAsync(cancellationToken);
            if (_loading is null && (_putOff is not null || _draft.ChangedRows > MostChangedRows))
            {
                _loading = Task.Run(() => LoadDraftAsync(CancellationToken.None), CancellationToken.None);
            }
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>Catches up and waits until nothing is left to the background: every change committed before is in.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        await CatchUpAsync(cancellationToken);
        while (_loading is { } loading)
        {
            await loading.WaitAsync(cancellationToken);
            await CatchUpAsync(cancellationToken);
        }
    }

    public void Dispose() => _applying.Dispose();

    private async Task<IndexDraft> LoadDraftAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        using var cipher = key.NewCipher();
        IndexSnapshot.Writer? snapshot = null;
        var draft = await store.ReadAsync(
            connection => IndexDraft.LoadAsync(
                connection, cipher, place => snapshot = TryBeginSnapshot(place), cancellationToken),
            cancellationToken);
        if (snapshot?.Problem is { } problem)
        {
            LogNoSnapshot(problem);
        }

        logger.LogInformation("Banks were read into memory in {Elapsed}", clock.GetElapsedTime(began));
        return draft;
    }

    /// <summary>
    /// The banks from the snapshot, brought up to date; null where there is none that can be used. Then the store is read,
    /// and a new one written.
    /// </summary>
    private async Task<IndexDraft?> TryLoadSnapshotAsync(CancellationToken cancellationToken)
    {
        if (SnapshotFile is not { } file || !File.Exists(file))
        {
            return null;
        }

        var began = clock.GetTimestamp();
        var snapshotKey = key.DeriveFor(SnapshotPurpose);
        try
        {
            using var snapshot = new IndexSnapshot.Reader(file, snapshotKey);
            var draft = await store.ReadAsync(connection => IndexDraft.LoadAsync(connection, snapshot), cancellationToken);
            if (draft is null)
            {
                logger.LogWarning("{File} was made from another history of the store, so that the banks are read from the store", file);
                return null;
            }

            if (await ApplyLogAsync(draft, cancellationToken) is not null)
            {
                logger.LogInformation("A large list came since {File} was written, so that the banks are read from the store", file);
                return null;
            }

            logger.LogInformation("Banks were read into memory from {File} in {Elapsed}", file, clock.GetElapsedTime(began));
            return draft;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            logger.LogWarning(
                "{File} cannot be used, so that the banks are read from the store: {Problem}", file, error.Message);
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(snapshotKey);
        }
    }

    private IndexSnapshot.Writer? TryBeginSnapshot(LogPlace place)
    {
        if (SnapshotFile is not { } file)
        {
            return null;
        }

        var snapshotKey = key.DeriveFor(SnapshotPurpose);
        try
        {
            return new IndexSnapshot.Writer(file, snapshotKey, place);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogNoSnapshot(error);
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(snapshotKey);
        }
    }

    private void LogNoSnapshot(Exception problem) => logger.LogWarning(
        "{File} cannot be written, so that the next start reads the store: {Problem}", SnapshotFile, problem.Message);

    /// <summary>Puts a finished background load in the place of the draft; it is published when the log is applied to it.</summary>
    private async Task TakeLoadedAsync(CancellationToken cancellationToken)
    {
        if (_loading is not { IsCompleted: true } loading)
        {
            return;
        }

        // Forgotten before it is awaited: one that failed is tried anew at the next step.
        _loading = null;
        _draft = await loading.WaitAsync(cancellationToken);
        _putOff = null;
    }

    private async Task ApplyLogAsync(CancellationToken cancellationToken)
    {
        var draft = _draft ?? throw new UnreachableException();
        var putOff = await ApplyLogAsync(draft, cancellationToken);
        _putOff ??= putOff;
        Publish();
    }

    /// <returns>The first change that was put off, or null.</returns>
    private async Task<long?> ApplyLogAsync(IndexDraft draft, CancellationToken cancellationToken)
    {
        using var cipher = key.NewCipher();
        return await store.ReadAsync(
            async connection =>
            {
                long? first = null;
                while (await BankChangeLog.AfterAsync(connection, draft.Sequence, MostChangesInStep) is { Count: > 0 } changes)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var putOff = await draft.ApplyAsync(connection, changes, MostRowsAtOnce, cipher);
                    first ??= putOff;
                }

                return first;
            },
            cancellationToken);
    }

    private void Publish()
    {
        var draft = _draft ?? throw new UnreachableException();
        var number = _putOff is { } waiting ? waiting - 1 : draft.Sequence;
        if (_current?.Number != number || _published != (draft, draft.Sequence))
        {
            _current = draft.ToGeneration(number);
            _published = (draft, draft.Sequence);
        }

        Interlocked.Exchange(ref _lastFollowedAt, clock.GetUtcNow().ToUnixTimeMilliseconds());
    }
}
