using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Microsoft.Data.Sqlite;
using Palisade.Audit;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;
using Palisade.Evidence;
using Palisade.Evidence.Holds.Retention;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Storage;
using Palisade.Verification;

namespace Palisade.Backup;

/// <summary>
/// Takes a backup of a data folder while the service goes on: the log's files first, then the store in one consistent copy,
/// then the evidence that the copy names.
/// </summary>
/// <remarks>
/// In this order a restored store never lacks an entry that its log's files have, and every record has its file: files are
/// there before their rows. Evidence that is destroyed meanwhile is left out, since its key went first.
/// </remarks>
public sealed class BackupRun(Store store, AuditLog audit, string dataFolder, TimeProvider clock)
{
    /// <summary>Where keys lie in a backup that holds any.</summary>
    public const string KeyFolder = "wrapped";

    private const int Page = 500;

    /// <summary>Far more than a log that is signed each second needs.</summary>
    private const int MostAttempts = 200;

    private long _done;
    private long _total;

    /// <param name="withKeys">
    /// Whether the bank key goes along, as the data folder holds it. Whoever gets such a backup can read hash lists and
    /// records; evidence stays sealed either way.
    /// </param>
    /// <exception cref="IOException">The target cannot be written, or is full; what was begun was taken away.</exception>
    /// <exception cref="AuditUnavailableException">The log took no entry, so nothing was copied.</exception>
    public async Task<BackupManifest> RunAsync(
        BackupTarget target, bool withKeys, Actor actor, IProgress<ByteProgress> progress, CancellationToken cancellationToken)
    {
        if (store.Dialect == Dialect.Postgres)
        {
            throw new StoreUnusableException(
                "Records are in PostgreSQL, which has its own consistent backup: take `pg_dump --format=custom` first and copy the " +
                "folders audit and evidence after it (docs/operations/backup.md has the commands).");
        }

        var announced = await audit.RecordAsync(
            new AuditEntry
            {
                Action = "backup.begun",
                Actor = actor,
                Subject = "service/backup",
                Reason = withKeys ? "with the bank key" : "without keys",
            },
            cancellationToken);
        _total = Size(AuditSequencer.FolderName) + Size(EvidenceVault.FolderName) + new FileInfo(Path.Combine(dataFolder, SqliteEngine.FileName)).Length;
        var files = await CopyLogAsync(target, progress, cancellationToken);
        files.AddRange(await CopySettingsAndKeysAsync(target, withKeys, cancellationToken));
        var manifest = await CopyStoreAndEvidenceAsync(target, files, withKeys, progress, cancellationToken);
        await target.CompleteAsync(manifest, cancellationToken);
        await audit.RecordAsync(
            new AuditEntry
            {
                Action = "backup.taken",
                Actor = actor,
                Subject = "service/backup",
                Digest = SHA256.HashData(manifest.ToBytes()),
                ResultOf = announced,
            },
            CancellationToken.None);
        return manifest;
    }

    /// <summary>The tiles of one checkpoint: those that never change from the disk, and the few others as they were read with it.</summary>
    private async Task<List<BackupFile>> CopyLogAsync(BackupTarget target, IProgress<ByteProgress> progress, CancellationToken cancellationToken)
    {
        var files = new List<BackupFile>();
        if (await ReadLogAsync(cancellationToken) is not { } read)
        {
            return files;
        }

        foreach (var tile in TilesOf(read.Size).Where(tile => tile.IsFull))
        {
            var path = $"{AuditSequencer.FolderName}/{tile}";
            files.Add((await target.AddSharedAsync(path, Path.Combine(dataFolder, path), cancellationToken)).File);
            Advance(progress, "log", files[^1].SizeBytes);
        }

        foreach (var (path, content) in read.Files)
        {
            files.Add(await target.AddAsync($"{AuditSequencer.FolderName}/{path}", content, cancellationToken));
        }

        return files;
    }

    /// <summary>
    /// The checkpoint and the tiles that are not full. Signing takes older ones of these away, so they are read again until
    /// all belong to one checkpoint; they are small.
    /// </summary>
    private async Task<(long Size, List<(string Path, byte[] Content)> Files)?> ReadLogAsync(CancellationToken cancellationToken)
    {
        var log = Path.Combine(dataFolder, AuditSequencer.FolderName);
        var note = Path.Combine(log, TileFolder.CheckpointName);
        for (var attempt = 0; File.Exists(note); attempt++)
        {
            var bytes = await File.ReadAllBytesAsync(note, cancellationToken);
            if (!SignedNote.TryParse(System.Text.Encoding.UTF8.GetString(bytes), out var signed) || !Checkpoint.TryParse(signed.Text, out var checkpoint))
            {
                throw new IOException($"The checkpoint {note} is damaged, so the log was not backed up. Run `palisade verify`.");
            }

            try
            {
                var files = new List<(string, byte[])> { (TileFolder.CheckpointName, bytes) };
                foreach (var tile in TilesOf(checkpoint.Size).Where(tile => !tile.IsFull))
                {
                    files.Add((tile.ToString(), await File.ReadAllBytesAsync(Path.Combine(log, tile.ToString()), cancellationToken)));
                }

                return (checkpoint.Size, files);
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException && attempt < MostAttempts)
            {
                // Signed anew in between.
            }
        }

        return null;
    }

    private static IEnumerable<TilePath> TilesOf(long size)
    {
        for (var level = 0; size >> (level * TilePath.Height) > 0; level++)
        {
            var hashes = size >> (level * TilePath.Height);
            for (var first = 0L; first < hashes; first += TilePath.FullWidth)
            {
                var width = (int)Math.Min(TilePath.FullWidth, hashes - first);
                yield return new TilePath(level, first / TilePath.FullWidth, width);
                if (level == 0)
                {
                    yield return new TilePath(null, first / TilePath.FullWidth, width);
                }
            }
        }
    }

    private async Task<List<BackupFile>> CopySettingsAndKeysAsync(BackupTarget target, bool withKeys, CancellationToken cancellationToken)
    {
        var wanted = new List<(string Name, string As)>
        {
            ("palisade.json", "palisade.json"), (PolicyBook.FileName, PolicyBook.FileName),
            (RetentionBook.FileName, RetentionBook.FileName), (LogKey.PublicFileName, LogKey.PublicFileName),

            // It lies sealed under the bank key, so it is of no use without that.
            (LogKey.FileName, $"{KeyFolder}/{LogKey.FileName}"),
        };
        if (withKeys)
        {
            wanted.Add((BankKey.FileName, $"{KeyFolder}/{BankKey.FileName}"));
        }

        var files = new List<BackupFile>();
        foreach (var (name, stored) in wanted)
        {
            var path = Path.Combine(dataFolder, name);
            if (File.Exists(path))
            {
                files.Add(await target.AddAsync(stored, path, cancellationToken));
            }
        }

        return files;
    }

    private async Task<BackupManifest> CopyStoreAndEvidenceAsync(
        BackupTarget target, List<BackupFile> files, bool withKeys, IProgress<ByteProgress> progress, CancellationToken cancellationToken)
    {
        var taken = clock.GetUtcNow();
        var scratch = target.ScratchFile;
        var pages = new SqliteConnectionStringBuilder { DataSource = scratch, Pooling = false }.ConnectionString;
        try
        {
            await store.ReadAsync(connection => CopyPages((SqliteConnection)connection, pages), cancellationToken);
            files.Add(await target.AddAsync(SqliteEngine.FileName, scratch, cancellationToken));
            Advance(progress, "records", files[^1].SizeBytes);

            await using var copy = new SqliteConnection(pages);
            await copy.OpenAsync(cancellationToken);
            var (evidence, bytes) = await CopyEvidenceAsync(copy, target, progress, cancellationToken);
            return new BackupManifest
            {
                Format = BackupManifest.CurrentFormat,
                TakenAt = taken,
                Migration = await copy.QuerySingleAsync<long>("SELECT MAX(number) FROM migration"),
                LastLogEntry = await Sequences.LastAsync(copy, AuditLog.Name),
                Evidence = evidence,
                EvidenceBytes = bytes,
                HoldsBankKey = withKeys,
                Files = files,
            };
        }
        catch (SqliteException error)
        {
            throw new IOException("The copy of the store could not be written: the backup's disk is full, read-only or failing. Nothing was kept of it.", error);
        }
        finally
        {
            foreach (var suffix in new[] { "", "-wal", "-shm", "-journal" })
            {
                File.Delete(scratch + suffix);
            }
        }
    }

    /// <summary>SQLite's own page copy: one consistent state, with the rows' own numbers, while writers go on.</summary>
    private static Task<bool> CopyPages(SqliteConnection source, string destination)
    {
        using var copy = new SqliteConnection(destination);
        copy.Open();
        source.BackupDatabase(copy);
        return Task.FromResult(true);
    }

    private async Task<(long Count, long Bytes)> CopyEvidenceAsync(
        SqliteConnection copy, BackupTarget target, IProgress<ByteProgress> progress, CancellationToken cancellationToken)
    {
        var (count, bytes, after) = (0L, 0L, "");
        while (true)
        {
            var rows = (await copy.QueryAsync<(string Id, byte[] Sha256)>(
                "SELECT id, sealed_sha256 FROM evidence WHERE id > @after AND state = @state ORDER BY id LIMIT @Page",
                new { after, Page, state = Words.Of(EvidenceState.Sealed) })).ToList();
            if (rows.Count == 0)
            {
                return (count, bytes);
            }

            foreach (var (id, sha256) in rows)
            {
                var source = Path.Combine(dataFolder, EvidenceVault.FolderName, EvidenceFolder.NameOf(sha256));
                try
                {
                    await target.AddEvidenceAsync(EvidenceFolder.NameOf(sha256), source, sha256, cancellationToken);
                    var size = new FileInfo(source).Length;
                    (count, bytes) = (count + 1, bytes + size);
                    Advance(progress, "evidence", size);
                }
                catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
                {
                    await RefuseUnlessDestroyedAsync(id, cancellationToken);
                }
            }

            after = rows[^1].Id;
        }
    }

    private async Task RefuseUnlessDestroyedAsync(string id, CancellationToken cancellationToken)
    {
        var state = await store.ReadAsync(
            connection => connection.QuerySingleOrDefaultAsync<string>("SELECT state FROM evidence WHERE id = @id", new { id }), cancellationToken);
        if (state == Words.Of(EvidenceState.Sealed))
        {
            throw new IOException(string.Create(
                CultureInfo.InvariantCulture,
                $"The sealed file of evidence {id} is gone from the data folder, so there is no whole backup to be had. Run `palisade verify`, and restore what it names."));
        }
    }

    private void Advance(IProgress<ByteProgress> progress, string part, long bytes)
    {
        _done += bytes;
        progress.Report(new ByteProgress(part, Math.Min(_done, _total), _total));
    }

    private long Size(string folder)
    {
        var path = new DirectoryInfo(Path.Combine(dataFolder, folder));
        return path.Exists ? path.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) : 0;
    }
}
