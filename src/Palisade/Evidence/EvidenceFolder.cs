using System.Security.Cryptography;
using Palisade.Storage;

namespace Palisade.Evidence;

/// <summary>
/// The folder of sealed files. A file is named by the SHA-256 of what is in it, is written once, and is never changed.
/// </summary>
internal sealed class EvidenceFolder(string folder)
{
    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdef");

    private const string Suffix = ".sealed";
    private const string StagingSuffix = ".staging";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Path => folder;

    /// <summary>
    /// Writes a file and gives it its name, and returns when both are on stable storage. A crash on the way leaves a staging
    /// file or a file that no row names; <see cref="Files"/> lists both for the sweep.
    /// </summary>
    /// <param name="write">Writes all of it; what it returns comes back.</param>
    /// <exception cref="IOException">The disk is full, read-only or failing. Nothing counts as written.</exception>
    public async Task<(byte[] SealedSha256, T Result)> WriteAsync<T>(Func<Stream, Task<T>> write)
    {
        var staging = System.IO.Path.Combine(folder, RandomNumberGenerator.GetHexString(32, lowercase: true) + StagingSuffix);
        try
        {
            Create();
            byte[] digest;
            T result;
            using (var file = Open(staging))
            using (var digesting = new DigestingStream(file))
            {
                result = await write(digesting);
                digest = digesting.Digest();

                // A failed sync is not tried again: the kernel may have dropped the pages. The file is abandoned instead.
                file.Flush(flushToDisk: true);
            }

            StorageFolder.MoveWithoutReplacing(staging, PathOf(digest));
            StorageFolder.Synchronise(folder);
            return (digest, result);
        }
        catch (Exception exception)
        {
            RemoveQuietly(staging);
            if (exception is IOException or UnauthorizedAccessException)
            {
                throw new IOException(
                    $"Evidence could not be written to {folder}, so it was not kept: {exception.Message} Make room there or " +
                    "make it writable; the next upload is then kept again.",
                    exception);
            }

            throw;
        }
    }

    public bool Holds(byte[] sealedSha256) => File.Exists(PathOf(sealedSha256));

    /// <exception cref="FileNotFoundException">The file is gone.</exception>
    public FileStream OpenRead(byte[] sealedSha256) => new(
        PathOf(sealedSha256), new FileStreamOptions { Options = FileOptions.SequentialScan, BufferSize = 0 });

    /// <summary>Removes a file for good; the folder is synchronised, so it does not come back after a power cut.</summary>
    /// <returns>False when there was none.</returns>
    public bool Remove(string name)
    {
        var path = System.IO.Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            return false;
        }

        File.Delete(path);
        StorageFolder.Synchronise(folder);
        return true;
    }

    public static string NameOf(byte[] sealedSha256) => Convert.ToHexStringLower(sealedSha256) + Suffix;

    /// <summary>Whether a name is one of ours, and the digest in it; a staging file has none.</summary>
    public static bool TryReadName(string name, out byte[]? sealedSha256)
    {
        sealedSha256 = null;
        if (name.EndsWith(StagingSuffix, StringComparison.Ordinal))
        {
            return true;
        }

        var digits = name.EndsWith(Suffix, StringComparison.Ordinal) ? name.AsSpan(0, name.Length - Suffix.Length) : [];
        if (digits.Length != 2 * SHA256.HashSizeInBytes || digits.ContainsAnyExcept(HexDigits))
        {
            return false;
        }

        sealedSha256 = Convert.FromHexString(digits);
        return true;
    }

    /// <summary>The digest that a file is named by; null for a staging file. Names that are none of ours are not listed.</summary>
    public IEnumerable<(string Name, byte[]? SealedSha256)> Files()
    {
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        foreach (var path in Directory.EnumerateFiles(folder))
        {
            var name = System.IO.Path.GetFileName(path);
            if (TryReadName(name, out var sealedSha256))
            {
                yield return (name, sealedSha256);
            }
        }
    }

    private void Create()
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        StorageFolder.Create(folder);
        StorageFolder.Synchronise(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(folder))!);
    }

    private static FileStream Open(string staging)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(staging, options);
    }

    private static void RemoveQuietly(string staging)
    {
        try
        {
            File.Delete(staging);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The sweep takes it later; what went wrong first is what the caller has to hear.
        }
    }

    private string PathOf(byte[] sealedSha256) => System.IO.Path.Combine(folder, NameOf(sealedSha256));
}
