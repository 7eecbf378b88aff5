using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Palisade.Keys;
using Palisade.Signals.Regions;
using Palisade.Signals.Search.Regions;
using Palisade.Storage;

namespace Palisade.Banks.Regions;

/// <summary>
/// Holds the region codes of every bank in memory and follows the change log, so that a picture that was enrolled is found
/// within a second on every node, and one that was withdrawn no more.
/// </summary>
/// <remarks>
/// Only loaded where some service asks for regions: it takes about 5 GB for a million pictures. Which pictures there are
/// always comes from the store; a snapshot only spares the opening of their codes.
/// </remarks>
public sealed class RegionBankIndex(Store store, BankKey key, TimeProvider clock, ILogger<RegionBankIndex> logger) : IDisposable
{
    /// <summary>The snapshot's name in the data folder.</summary>
    public const string SnapshotFileName = RegionIndexFile.Name;

    private const int MostChangesInStep = 1000;

    /// <summary>A snapshot that lacks more pictures than this is written anew.</summary>
    private const int MostMissing = 1000;

    private static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(5);

    private readonly RegionPictureTable _table = new(key);
    private readonly SemaphoreSlim _applying = new(1, 1);

    /// <summary>By the signal's number; for <see cref="CatchUpAsync"/> alone.</summary>
    private readonly Dictionary<long, int> _rowOf = [];
    private long _sequence;
    private RegionIndex _index = RegionIndex.Empty;
    private RegionEntries _entries = RegionEntries.Empty;
    private volatile RegionGeneration? _current;
    private long _lastFollowedAt;

    /// <summary>Where the snapshot lies that starts read instead of the store's codes; null keeps none.</summary>
    public string? SnapshotFile { get; init; }

    /// <summary>What reviewers tuned away.</summary>
    public SameScenes SameScenes { get; } = new(store, key, clock);

    public bool IsLoaded => _current is not null;

    /// <summary>Changes of the last seconds may be missing: not ready.</summary>
    public bool IsStale => !IsLoaded ||
        clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Read(ref _lastFollowedAt)) > StaleAfter;

    /// <exception cref="InvalidOperationException"><see cref="LoadAsync"/> has not been awaited.</exception>
    public RegionGeneration Current => _current ?? throw new InvalidOperationException("The region codes are not in memory yet.");

    /// <summary>Pictures whose codes another version of Palisade made; they match nothing until they are enrolled again.</summary>
    public int OfOtherVersion { get; private set; }

    /// <summary>Reads every picture's codes into memory: from the snapshot as far as that is possible, else from the store.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _applying.WaitAsync(cancellationToken);
        try
        {
            var began = clock.GetTimestamp();
            var (index, isFromSnapshot) = await TryLoadSnapshotAsync(cancellationToken);

            // The number first: whatever comes in between is in the log after it, and applied once more.
            var (sequence, place, entries) = await store.ReadAsync(
                async connection =>
                {
                    var last = await Sequences.LastAsync(connection, BankChangeLog.Feed);
                    return (last, await LogPlace.AtAsync(connection, last), await RegionPictureTable.EntriesAsync(connection));
                },
                cancellationToken);
            var missing = entries.Select(entry => entry.Row).ToHashSet();
            List<int> gone = [.. index.PictureRows.Where(row => !missing.Remove(row))];
            index = await FillAsync(index, missing, gone, cancellationToken);

            _sequence = sequence;
            _index = index;
            _entries = RegionEntries.Empty.With(entries, []);
            _rowOf.Clear();
            foreach (var entry in entries)
            {
                _rowOf[entry.Signal.Number] = entry.Row;
            }

            if (place is not null && entries.Count > 0 && (!isFromSnapshot || missing.Count + gone.Count > MostMissing))
            {
                SaveSnapshot(place);
            }

            if (OfOtherVersion > 0)
            {
                logger.LogWarning(
                    "The region codes of {Pictures} pictures were made by another version and match nothing; enrol those pictures again",
                    OfOtherVersion);
            }

            await SameScenes.CatchUpAsync(cancellationToken);
            Publish();
            logger.LogInformation("Region codes of {Pictures} pictures were read into memory in {Elapsed}", index.Count, clock.GetElapsedTime(began));
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
            var rung = store.Feeds.Next(BankChangeLog.Feed);
            try
            {
                await CatchUpAsync(cancellationToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                logger.LogError(error, "The region codes could not be brought up to date; matching goes on with those of change {Number}", _sequence);
            }

            try
            {
                await Task.WhenAny(rung, Task.Delay(BankIndex.PollInterval, clock, cancellationToken));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Applies what the change log holds now.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await _applying.WaitAsync(cancellationToken);
        try
        {
            _ = Current;
            while (await store.ReadAsync(
                connection => BankChangeLog.AfterAsync(connection, _sequence, MostChangesInStep), cancellationToken) is { Count: > 0 } changes)
            {
                await ApplyAsync(changes, cancellationToken);
                _sequence = changes[^1].Sequence;
            }

            await SameScenes.CatchUpAsync(cancellationToken);
            Publish();
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>The map by which a match's place of alteration is seen; null where none was kept.</summary>
    internal Task<AlteredMap?> FindMapAsync(RegionEntry picture, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => _table.FindMapAsync(connection, picture.Row), cancellationToken);

    public void Dispose() => _applying.Dispose();

    /// <summary>Reads the subjects of some changes as they stand now, so that it does not matter when one is applied twice.</summary>
    private async Task ApplyAsync(IReadOnlyList<BankChange> changes, CancellationToken cancellationToken)
    {
        var touched = changes.Select(change => change.Signal?.Number).OfType<long>().ToHashSet();
        List<RegionEntry> found = [];
        List<KeyValuePair<int, RegionCodes>> added = [];
        await store.ReadAsync(
            async connection =>
            {
                foreach (var import in changes.Select(change => change.Import).OfType<long>().Distinct())
                {
                    touched.UnionWith(await RegionPictureTable.SignalsOfImportAsync(connection, import));
                }

                found = touched.Count == 0 ? [] : await RegionPictureTable.EntriesAsync(connection, touched);
                foreach (var entry in found.Where(entry => _rowOf.GetValueOrDefault(entry.Signal.Number, -1) != entry.Row))
                {
                    if (await _table.FindCodesAsync(connection, entry.Row) is { } codes)
                    {
                        added.Add(new(entry.Row, codes));
                    }
                    else
                    {
                        OfOtherVersion++;
                    }
                }

                return true;
            },
            cancellationToken);

        // What was touched and is not there any more, or came back under another number, is gone.
        var kept = found.ToDictionary(entry => entry.Signal.Number, entry => entry.Row);
        List<int> gone = [];
        foreach (var signal in touched)
        {
            if (_rowOf.TryGetValue(signal, out var row) && kept.GetValueOrDefault(signal, -1) != row)
            {
                gone.Add(row);
                _rowOf.Remove(signal);
            }
        }

        foreach (var entry in found)
        {
            _rowOf[entry.Signal.Number] = entry.Row;
        }

        if (added.Count + gone.Count > 0)
        {
            _index = _index.With(added, gone);
        }

        _entries = found.Count + gone.Count > 0 ? _entries.With(found, gone) : _entries;
    }

    private async Task<(RegionIndex Index, bool IsFromSnapshot)> TryLoadSnapshotAsync(CancellationToken cancellationToken)
    {
        if (SnapshotFile is not { } file || !File.Exists(file))
        {
            return (RegionIndex.Empty, false);
        }

        try
        {
            var (place, index) = RegionIndexFile.Load(file, key);
            if (await store.ReadAsync(connection => LogPlace.AtAsync(connection, place.Sequence), cancellationToken) is { } known &&
                known.Mark.AsSpan().SequenceEqual(place.Mark))
            {
                return (index, true);
            }

            logger.LogWarning("{File} was made from another history of the store, so that the region codes are read from the store", file);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("{File} cannot be used, so that the region codes are read from the store: {Problem}", file, error.Message);
        }

        return (RegionIndex.Empty, false);
    }

    /// <summary>The index with the pictures that it lacks, read from the store.</summary>
    private async Task<RegionIndex> FillAsync(
        RegionIndex index, HashSet<int> missing, List<int> gone, CancellationToken cancellationToken)
    {
        OfOtherVersion = 0;
        if (missing.Count == 0)
        {
            return gone.Count == 0 ? index : index.With([], gone);
        }

        var isWhole = index.Count == 0;
        var builder = new RegionIndexBuilder(isWhole ? missing.Count : 0, isWhole ? missing.Count * RegionCodes.DefaultPoints : 0);
        List<KeyValuePair<int, RegionCodes>> added = [];
        await store.ReadAsync(
            async connection =>
            {
                await foreach (var (id, codes) in _table.ReadCodesAsync(connection, cancellationToken))
                {
                    if (codes is null)
                    {
                        OfOtherVersion++;
                    }
                    else if (!missing.Contains((int)id))
                    {
                        continue;
                    }
                    else if (isWhole)
                    {
                        builder.Add((int)id, codes);
                    }
                    else
                    {
                        added.Add(new((int)id, codes));
                    }
                }

                return true;
            },
            cancellationToken);
        return isWhole ? builder.Build() : index.With(added, gone);
    }

    private void SaveSnapshot(LogPlace place)
    {
        if (SnapshotFile is not { } file)
        {
            return;
        }

        try
        {
            RegionIndexFile.Save(file, key, place, _index);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("{File} cannot be written, so that the next start reads the store: {Problem}", file, error.Message);
        }
    }

    private void Publish()
    {
        if (_current?.Number != _sequence)
        {
            _current = new RegionGeneration(_sequence, _index, _entries);
        }

        Interlocked.Exchange(ref _lastFollowedAt, clock.GetUtcNow().ToUnixTimeMilliseconds());
    }
}
