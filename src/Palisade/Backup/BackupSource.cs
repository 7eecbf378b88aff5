using System.Formats.Tar;
using Palisade.Evidence;
using Palisade.Storage;

namespace Palisade.Backup;

/// <summary>One finished backup to restore from; an archive is unpacked beside the place where it goes.</summary>
public sealed class BackupSource : IDisposable
{
    private readonly string _root;
    private readonly string _folder;
    private readonly string? _unpacked;

    private BackupSource(string root, string folder, string? unpacked)
    {
        _root = root;
        _folder = folder;
        _unpacked = unpacked;
        Manifest = BackupManifest.Read(Path.Combine(folder, BackupManifest.FileName));
    }

    public BackupManifest Manifest { get; }

    public string Name => Path.GetFileName(_folder);

    /// <param name="path">A folder of backups or an archive.</param>
    /// <param name="name">Which backup of a folder; null means the newest.</param>
    /// <param name="scratch">A folder in which an archive may be unpacked; it is made and taken away again.</param>
    /// <exception cref="StoreUnusableException">There is no finished backup; the text says what was found.</exception>
    public static async Task<BackupSource> OpenAsync(string path, string? name, string scratch, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return new BackupSource(path, FindIn(path, name), unpacked: null);
        }

        StorageFolder.Create(scratch);
        try
        {
            await UnpackAsync(path, scratch, cancellationToken);
            return new BackupSource(scratch, FindIn(scratch, name), scratch);
        }
        catch
        {
            Directory.Delete(scratch, recursive: true);
            throw;
        }
    }

    /// <summary>The finished backups of a folder, oldest first.</summary>
    public static IReadOnlyList<string> NamesIn(string folder) => !Directory.Exists(folder) ? [] :
    [
        .. Directory.EnumerateDirectories(folder)
            .Where(path => File.Exists(Path.Combine(path, BackupManifest.FileName)) && !path.EndsWith(FolderTarget.PartialSuffix, StringComparison.Ordinal))
            .Select(path => Path.GetFileName(path)!)
            .Order(StringComparer.Ordinal),
    ];

    public void Dispose()
    {
        if (_unpacked is not null && Directory.Exists(_unpacked))
        {
            Directory.Delete(_unpacked, recursive: true);
        }
    }

    internal string PathOf(BackupFile file) => Path.Combine(file.IsShared ? Path.Combine(_root, BackupTarget.SharedFolder) : _folder, file.Path);

    internal string EvidenceFile(byte[] sealedSha256) => Path.Combine(
        _root, BackupTarget.SharedFolder, EvidenceVault.FolderName, EvidenceFolder.NameOf(sealedSha256));

    private static string FindIn(string folder, string? name)
    {
        var names = NamesIn(folder);
        if (names.Count == 0)
        {
            var hasHalf = Directory.Exists(folder) && Directory.EnumerateDirectories(folder, "*" + FolderTarget.PartialSuffix).Any();
            throw new StoreUnusableException(hasHalf
                ? $"{folder} holds only a backup that was never finished. Take a new one with `palisade backup`."
                : $"There is no backup in {folder}. Name a folder or an archive that `palisade backup` wrote.");
        }

        var found = name ?? names[^1];
        return names.Contains(found, StringComparer.Ordinal)
            ? Path.Combine(folder, found)
            : throw new StoreUnusableException($"There is no finished backup {found} in {folder}. There are: {string.Join(", ", names)}.");
    }

    private static async Task UnpackAsync(string archive, string scratch, CancellationToken cancellationToken)
    {
        try
        {
            await TarFile.ExtractToDirectoryAsync(archive, scratch, overwriteFiles: false, cancellationToken);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new StoreUnusableException($"The archive {archive} is cut short or damaged, so nothing was restored from it. Take another backup.", error);
        }
    }
}
