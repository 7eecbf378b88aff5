using Dapper;
using Microsoft.Data.Sqlite;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Storage;
using Palisade.Verification;

namespace Palisade.Backup;

/// <summary>What a restore brought back.</summary>
/// <param name="NeedsBankKey">The bank key was neither in the backup nor given: it must be put in its place before a start.</param>
/// <param name="MissingEvidence">Evidence that the records name and the backup lacks.</param>
public sealed record Restored(BackupManifest Manifest, long Files, long Bytes, bool NeedsBankKey, IReadOnlyList<string> MissingEvidence);

/// <summary>
/// Puts a backup into a new data folder, comparing every byte with the manifest on the way.
/// </summary>
/// <remarks>
/// The store comes last, so what is cut short is no data folder yet: the next run with the same command begins again.
/// </remarks>
public sealed class RestoreRun(BackupSource source, string dataFolder)
{
    private const string Marker = "palisade-restoring";
    private const int Page = 500;

    private long _done;
    private long _files;

    /// <param name="bankKey">A copy of the bank key, kept apart from the backup; null takes the backup's, where it has one.</param>
    /// <exception cref="StoreUnusableException">The place is taken, or the backup is of a newer version or damaged.</exception>
    public async Task<Restored> RunAsync(string? bankKey, IProgress<ByteProgress> progress, CancellationToken cancellationToken)
    {
        var manifest = source.Manifest;
        RefuseNewer(manifest);
        RefuseTaken();
        StorageFolder.Create(dataFolder);
        await File.WriteAllTextAsync(Path.Combine(dataFolder, Marker), source.Name + "\n", cancellationToken);

        var total = manifest.EvidenceBytes + manifest.Files.Sum(file => file.SizeBytes);
        var store = manifest.Files.Single(file => file.Path == SqliteEngine.FileName);
        foreach (var file in manifest.Files.Where(file => file != store))
        {
            await CopyAsync(file, PlaceOf(file), cancellationToken);
            Advance(progress, "log and settings", file.SizeBytes, total);
        }

        if (bankKey is not null)
        {
            await DigestedCopy.ToFileAsync(bankKey, Path.Combine(dataFolder, BankKey.FileName), cancellationToken);
        }

        // Not by its name yet: until all is there, this is no store.
        var waiting = Path.Combine(dataFolder, SqliteEngine.FileName + ".restoring");
        await CopyAsync(store, waiting, cancellationToken);
        Advance(progress, "records", store.SizeBytes, total);
        var missing = await CopyEvidenceAsync(waiting, total, progress, cancellationToken);
        File.Move(waiting, Path.Combine(dataFolder, SqliteEngine.FileName));
        Synchronise();
        File.Delete(Path.Combine(dataFolder, Marker));
        return new Restored(manifest, _files, _done, !File.Exists(Path.Combine(dataFolder, BankKey.FileName)), missing);
    }

    private static void RefuseNewer(BackupManifest manifest)
    {
        if (manifest.Migration > Migration.ReadEmbedded()[^1].Number)
        {
            throw new StoreUnusableException(
                "The backup was taken by a newer Palisade, whose store this program does not know. Restore it with that version.");
        }
    }

    private void RefuseTaken()
    {
        if (Directory.Exists(dataFolder) && Directory.EnumerateFileSystemEntries(dataFolder).Any() &&
            !File.Exists(Path.Combine(dataFolder, Marker)))
        {
            throw new StoreUnusableException(
                $"The folder {dataFolder} is in use or holds other things. A restore goes into a new folder and never over one: " +
                "name another with --data, look at what was restored, and point the service to it.");
        }
    }

    /// <summary>Keys come back to where a service looks for them.</summary>
    private string PlaceOf(BackupFile file)
    {
        var path = file.Path.StartsWith(BackupRun.KeyFolder + "/", StringComparison.Ordinal)
            ? file.Path[(BackupRun.KeyFolder.Length + 1)..]
            : file.Path;
        var place = Path.GetFullPath(Path.Combine(dataFolder, path));
        return place.StartsWith(Path.GetFullPath(dataFolder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? place
            : throw new StoreUnusableException("The manifest names a file outside of the data folder, so this backup is not used.");
    }

    private async Task CopyAsync(BackupFile file, string destination, CancellationToken cancellationToken)
    {
        var from = source.PathOf(file);
        if (!File.Exists(from))
        {
            throw new StoreUnusableException($"The backup {source.Name} lacks its file {file.Path}, so it is not whole. Restore from another one.");
        }

        MakeFolder(Path.GetDirectoryName(destination)!);
        var (_, sha256) = await DigestedCopy.ToFileAsync(from, destination, cancellationToken);
        _files++;
        if (Convert.ToHexStringLower(sha256) != file.Sha256)
        {
            File.Delete(destination);
            throw new StoreUnusableException($"The file {file.Path} of the backup {source.Name} is damaged. Restore from another one.");
        }
    }

    private async Task<List<string>> CopyEvidenceAsync(
        string storeFile, long total, IProgress<ByteProgress> progress, CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        var folder = Path.Combine(dataFolder, EvidenceVault.FolderName);
        MakeFolder(folder);
        await using var store = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = $"file:{Uri.EscapeDataString(Path.GetFullPath(storeFile)).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1",
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ConnectionString);
        await store.OpenAsync(cancellationToken);
        var after = "";
        while (true)
        {
            var rows = (await store.QueryAsync<(string Id, byte[] Sha256)>(
                "SELECT id, sealed_sha256 FROM evidence WHERE id > @after AND state = @state ORDER BY id LIMIT @Page",
                new { after, Page, state = Words.Of(EvidenceState.Sealed) })).ToList();
            if (rows.Count == 0)
            {
                return missing;
            }

            foreach (var (id, sha256) in rows)
            {
                var from = source.EvidenceFile(sha256);
                var to = Path.Combine(folder, EvidenceFolder.NameOf(sha256));
                if (!File.Exists(from))
                {
                    missing.Add(id);
                    continue;
                }

                var (bytes, copied) = await DigestedCopy.ToFileAsync(from, to, cancellationToken);
                _files++;
                if (!copied.AsSpan().SequenceEqual(sha256))
                {
                    // Damaged evidence is kept: a part of it may still open. Verification names it.
                    missing.Add(id);
                }

                Advance(progress, "evidence", bytes, total);
            }

            after = rows[^1].Id;
        }
    }

    private void Synchronise()
    {
        foreach (var folder in Directory.EnumerateDirectories(dataFolder, "*", SearchOption.AllDirectories).Append(dataFolder))
        {
            StorageFolder.Synchronise(folder);
        }
    }

    private static void MakeFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            MakeFolder(Path.GetDirectoryName(path)!);
            StorageFolder.Create(path);
        }
    }

    private void Advance(IProgress<ByteProgress> progress, string part, long bytes, long total)
    {
        _done += bytes;
        progress.Report(new ByteProgress(part, Math.Min(_done, total), total));
    }
}
