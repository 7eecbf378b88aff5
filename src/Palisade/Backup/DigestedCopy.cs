using System.Buffers;
using System.Security.Cryptography;

namespace Palisade.Backup;

/// <summary>Copies bytes and takes their SHA-256 in the same pass, so that what is recorded is what was written.</summary>
internal static class DigestedCopy
{
    private const int BlockBytes = 1 << 20;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes a new file, whole and synchronised or not there: beside first, then by its name.</summary>
    public static async Task<(long Bytes, byte[] Sha256)> ToFileAsync(string source, string destination, CancellationToken cancellationToken)
    {
        var beside = destination + ".partial";
        try
        {
            (long, byte[]) copied;
            await using (var from = OpenRead(source))
            await using (var to = Create(beside))
            {
                copied = await CopyAsync(from, to, cancellationToken);
                to.Flush(flushToDisk: true);
            }

            File.Move(beside, destination, overwrite: true);
            return copied;
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    public static async Task<(long Bytes, byte[] Sha256)> CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        var bytes = 0L;
        try
        {
            while (await from.ReadAsync(block, cancellationToken) is > 0 and var length)
            {
                digest.AppendData(block, 0, length);
                await to.WriteAsync(block.AsMemory(0, length), cancellationToken);
                bytes += length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        return (bytes, digest.GetHashAndReset());
    }

    public static async Task<byte[]> DigestAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = OpenRead(path);
        return (await CopyAsync(file, Stream.Null, cancellationToken)).Sha256;
    }

    public static FileStream OpenRead(string path) =>
        new(path, new FileStreamOptions { Options = FileOptions.SequentialScan, BufferSize = 0, Share = FileShare.ReadWrite | FileShare.Delete });

    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }
}
