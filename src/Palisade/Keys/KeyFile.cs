using System.Security.Cryptography;
using Palisade.Storage;

namespace Palisade.Keys;

/// <summary>A file of 32 random bytes that only its owner may read.</summary>
internal static class KeyFile
{
    public static void Create(string path)
    {
        var key = RandomNumberGenerator.GetBytes(BankKey.SizeBytes);
        try
        {
            Create(path, key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>
    /// Creates the file whole or not at all: written beside, synchronised, then linked to its name, which never replaces a
    /// key that another process made in the meantime.
    /// </summary>
    public static void Create(string path, ReadOnlySpan<byte> key)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        StorageFolder.Create(folder);
        var beside = Path.Combine(folder, $".{Path.GetFileName(path)}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var file = new FileStream(beside, options))
            {
                file.Write(key);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: false);
            StorageFolder.Synchronise(folder);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its key counts.
            File.Delete(beside);
        }
    }

    public static byte[] Read(string path)
    {
        var length = new FileInfo(path).Length;
        if (length != BankKey.SizeBytes)
        {
            throw new StoreUnusableException(
                $"The key file {path} has {length} bytes instead of {BankKey.SizeBytes}, so it is damaged or no key. Put it " +
                "back from its backup; do not delete it while the store holds signals.");
        }

        return File.ReadAllBytes(path);
    }
}
