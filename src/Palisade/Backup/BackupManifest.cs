using System.Text.Json;
using Palisade.Storage;

namespace Palisade.Backup;

/// <summary>What one backup holds. Written last, so that a backup without it is none.</summary>
public sealed record BackupManifest
{
    public const string FileName = "manifest.json";

    /// <summary>A changed layout gets a new number.</summary>
    public const string CurrentFormat = "palisade-backup/1";

    private static readonly JsonSerializerOptions Layout = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required string Format { get; init; }

    /// <summary>When the copy of the store was taken: everything acknowledged before is in it.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Number of the newest migration of the store; a program that does not know it cannot use the backup.</summary>
    public required long Migration { get; init; }

    /// <summary>Number of the last entry of the audit log in the copy.</summary>
    public required long LastLogEntry { get; init; }

    /// <summary>How many pieces of evidence its records name, destroyed ones apart.</summary>
    public required long Evidence { get; init; }

    public required long EvidenceBytes { get; init; }

    /// <summary>Whether the bank key is in the backup. Without it the backup is noise to whoever finds it, and to you.</summary>
    public required bool HoldsBankKey { get; init; }

    /// <summary>All files but the evidence, which its records name by their SHA-256.</summary>
    public required IReadOnlyList<BackupFile> Files { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Layout);

    /// <exception cref="StoreUnusableException">It is no manifest, or of a newer layout.</exception>
    public static BackupManifest Read(string path)
    {
        BackupManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(path), Layout);
        }
        catch (JsonException error)
        {
            throw new StoreUnusableException($"The manifest {path} is damaged, so this backup is not used. Take another one.", error);
        }

        return manifest?.Format == CurrentFormat
            ? manifest
            : throw new StoreUnusableException($"The backup {path} has a layout that this program does not know. Use the version that wrote it.");
    }
}

/// <summary>One file of a backup.</summary>
/// <param name="Path">Below the data folder, with slashes.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
/// <param name="IsShared">It never changes, so all backups in one folder share one copy.</param>
public sealed record BackupFile(string Path, long SizeBytes, string Sha256, bool IsShared);
