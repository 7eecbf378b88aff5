namespace Palisade.Backup;

/// <summary>Where a backup goes: a folder of many, or one archive.</summary>
public abstract class BackupTarget : IAsyncDisposable
{
    /// <summary>Names of files that all backups in a folder share, below it.</summary>
    internal const string SharedFolder = "shared";

    /// <param name="path">A folder, or a file whose name ends with .tar.</param>
    /// <exception cref="IOException">It cannot be written, or is no place for backups; the text says what to do.</exception>
    public static BackupTarget Open(string path, DateTimeOffset now) =>
        path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) ? new TarTarget(path) : FolderTarget.Create(path, now);

    /// <summary>Where the finished backup lies, for people.</summary>
    public abstract string Place { get; }

    /// <summary>A file beside the backup for the copy of the store, on the same disk.</summary>
    public abstract string ScratchFile { get; }

    /// <summary>Adds a file; it may change from one backup to the next.</summary>
    public abstract Task<BackupFile> AddAsync(string path, string source, CancellationToken cancellationToken);

    public abstract Task<BackupFile> AddAsync(string path, byte[] content, CancellationToken cancellationToken);

    /// <summary>Adds a file that never changes, unless an earlier backup brought it here.</summary>
    /// <returns>The file, and whether it had to be copied.</returns>
    public abstract Task<(BackupFile File, bool IsNew)> AddSharedAsync(string path, string source, CancellationToken cancellationToken);

    /// <summary>Adds a sealed file unless it is here already.</summary>
    /// <param name="sha256">What its content must be, and what it is named by.</param>
    /// <returns>Whether it had to be copied.</returns>
    public abstract Task<bool> AddEvidenceAsync(string name, string source, byte[] sha256, CancellationToken cancellationToken);

    /// <summary>Makes it a backup: all of it is on stable storage before its manifest is.</summary>
    public abstract Task CompleteAsync(BackupManifest manifest, CancellationToken cancellationToken);

    /// <summary>Takes what is not complete away.</summary>
    public abstract ValueTask DisposeAsync();
}
