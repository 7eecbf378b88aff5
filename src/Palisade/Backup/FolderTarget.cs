using System.Globalization;
using System.Security.Cryptography;
using Palisade.Evidence;
using Palisade.Storage;

namespace Palisade.Backup;

/// <summary>
/// A folder of many backups. Each has a folder by its time; sealed evidence and full tiles of the log, which never change, lie
/// once in <c>shared/</c>. A backup is written as <c>….partial</c> and gets its name when all of it is on the disk.
/// </summary>
internal sealed class FolderTarget : BackupTarget
{
    /// <summary>Marks a folder as ours, so that nothing is written into or taken from somebody's photographs.</summary>
    public const string Marker = "palisade-backups";

    public const string PartialSuffix = ".partial";

    private readonly string _root;
    private readonly string _partial;
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private bool _isComplete;

    private FolderTarget(string root, string name)
    {
        _root = root;
        Place = Path.Combine(root, name);
        _partial = Place + PartialSuffix;
    }

    public override string Place { get; }

    public override string ScratchFile => Path.Combine(_partial, "store.scratch");

    public static FolderTarget Create(string path, DateTimeOffset now)
    {
        var root = Path.GetFullPath(path);
        StorageFolder.Create(root);
        var marker = Path.Combine(root, Marker);
        if (!File.Exists(marker))
        {
            if (Directory.EnumerateFileSystemEntries(root).Any())
            {
                throw new IOException($"The folder {root} holds other things. Name an empty or new folder for backups.");
            }

            File.WriteAllText(marker, BackupManifest.CurrentFormat + "\n");
        }

        foreach (var stale in Directory.EnumerateDirectories(root, "*" + PartialSuffix))
        {
            // Of a run that was cut short; nothing in it counts, and what it shared stays.
            Directory.Delete(stale, recursive: true);
        }

        var target = new FolderTarget(root, now.UtcDateTime.ToString("yyyy-MM-dd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
        if (Directory.Exists(target.Place))
        {
            throw new IOException($"There is a backup of this very second already: {target.Place}.");
        }

        target.MakeFolder(target._partial);
        return target;
    }

    public override async Task<BackupFile> AddAsync(string path, string source, CancellationToken cancellationToken)
    {
        var (bytes, sha256) = await DigestedCopy.ToFileAsync(source, Made(_partial, path), cancellationToken);
        return new BackupFile(path, bytes, Convert.ToHexStringLower(sha256), IsShared: false);
    }

    public override async Task<BackupFile> AddAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        await using var file = DigestedCopy.Create(Made(_partial, path));
        await file.WriteAsync(content, cancellationToken);
        file.Flush(flushToDisk: true);
        return new BackupFile(path, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)), IsShared: false);
    }

    public override async Task<(BackupFile File, bool IsNew)> AddSharedAsync(string path, string source, CancellationToken cancellationToken)
    {
        var destination = Made(Path.Combine(_root, SharedFolder), path);
        if (!File.Exists(destination))
        {
            var (bytes, sha256) = await DigestedCopy.ToFileAsync(source, destination, cancellationToken);
            return (new BackupFile(path, bytes, Convert.ToHexStringLower(sha256), IsShared: true), true);
        }

        var (here, there) = (
            await DigestedCopy.DigestAsync(source, cancellationToken), await DigestedCopy.DigestAsync(destination, cancellationToken));
        return here.AsSpan().SequenceEqual(there)
            ? (new BackupFile(path, new FileInfo(destination).Length, Convert.ToHexStringLower(here), IsShared: true), false)
            : throw new IOException(
                $"{path} is another here than in earlier backups in {_root}, and it is a file that never changes. Run `palisade " +
                "verify`: either this log or that backup was damaged or rewritten. Keep both, and back up into another folder meanwhile.");
    }

    public override async Task<bool> AddEvidenceAsync(string name, string source, byte[] sha256, CancellationToken cancellationToken)
    {
        var destination = Made(Path.Combine(_root, SharedFolder), $"{EvidenceVault.FolderName}/{name}");
        var there = new FileInfo(destination);
        if (there.Exists && there.Length == new FileInfo(source).Length)
        {
            return false;
        }

        var (_, copied) = await DigestedCopy.ToFileAsync(source, destination, cancellationToken);
        if (!copied.AsSpan().SequenceEqual(sha256))
        {
            File.Delete(destination);
            throw new IOException($"The sealed file {name} is damaged in the data folder, so it was not backed up. Run `palisade verify`.");
        }

        return true;
    }

    public override async Task CompleteAsync(BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using (var file = DigestedCopy.Create(Path.Combine(_partial, BackupManifest.FileName)))
        {
            await file.WriteAsync(manifest.ToBytes(), cancellationToken);
            file.Flush(flushToDisk: true);
        }

        foreach (var folder in _changed.Append(_partial))
        {
            StorageFolder.Synchronise(folder);
        }

        Directory.Move(_partial, Place);
        StorageFolder.Synchronise(_root);
        _isComplete = true;
    }

    public override ValueTask DisposeAsync()
    {
        if (!_isComplete && Directory.Exists(_partial))
        {
            Directory.Delete(_partial, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    private string Made(string folder, string path)
    {
        var whole = Path.Combine(folder, path);
        MakeFolder(Path.GetDirectoryName(whole)!);
        _changed.Add(Path.GetDirectoryName(whole)!);
        return whole;
    }

    private void MakeFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            MakeFolder(Path.GetDirectoryName(path)!);
            StorageFolder.Create(path);
            _changed.Add(Path.GetDirectoryName(path)!);
        }
    }
}
