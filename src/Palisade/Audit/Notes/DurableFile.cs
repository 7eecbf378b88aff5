using System.Security.Cryptography;
using Palisade.Storage;

namespace Palisade.Audit.Notes;

/// <summary>Files that only their owner may read, whole or not there.</summary>
internal static class DurableFile
{
    /// <summary>Creates a file; one that another process made in the meantime stays.</summary>
    public static void Create(string path, ReadOnlySpan<byte> content)
    {
        var beside = WriteBeside(path, content);
        try
        {
            File.Move(beside, path, overwrite: false);
            StorageFolder.Synchronise(Path.GetDirectoryName(path)!);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(beside);
        }
    }

    /// <summary>Writes a file in the place of an older one.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        File.Move(WriteBeside(path, content), path, overwrite: true);
        StorageFolder.Synchronise(Path.GetDirectoryName(path)!);
    }

    private static string WriteBeside(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        StorageFolder.Create(folder);
        var beside = Path.Combine(folder, $".{Path.GetFileName(path)}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(beside, options);
        file.Write(content);
        file.Flush(flushToDisk: true);
        return beside;
    }
}
