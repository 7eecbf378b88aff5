using System.Buffers;
using Palisade.Signals.Digests;

namespace Palisade.Server.Cli;

/// <summary>What reading a file gave. A closed set.</summary>
internal abstract record ReadUpload
{
    private ReadUpload()
    {
    }

    /// <summary>All its bytes.</summary>
    public sealed record Whole(byte[] Bytes) : ReadUpload;

    /// <summary>More bytes than the decoder takes; they were digested while they passed.</summary>
    /// <param name="Start">As many bytes as are enough to see that there are too many.</param>
    public sealed record TooLarge(ReadOnlyMemory<byte> Start, FileDigests Digests) : ReadUpload;

    /// <summary>Never opened: a link, a pipe, a device.</summary>
    public sealed record Refused(string Reason) : ReadUpload;

    public sealed record Unreadable(string Reason) : ReadUpload;
}

/// <summary>Reads files within a bound on memory, whatever they are.</summary>
internal static class UploadReader
{
    public static async Task<ReadUpload> ReadAsync(PictureFile file, long maxBytes, CancellationToken cancellationToken)
    {
        if (file.Refusal is { } refusal)
        {
            return refusal == "folder-unreadable" ? new ReadUpload.Unreadable(refusal) : new ReadUpload.Refused(refusal);
        }

        try
        {
            await using var stream = file.IsStandardInput
                ? Console.OpenStandardInput()
                : new FileStream(file.Path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
            return await ReadAsync(stream, maxBytes, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new ReadUpload.Unreadable(exception switch
            {
                FileNotFoundException when file.Path.Contains('\uFFFD', StringComparison.Ordinal) => "name-not-utf8",
                FileNotFoundException or DirectoryNotFoundException => "missing",
                UnauthorizedAccessException => "permission-denied",
                PathTooLongException => "path-too-long",
                _ => "read-failed",
            });
        }
    }

    private static async Task<ReadUpload> ReadAsync(Stream stream, long maxBytes, CancellationToken cancellationToken)
    {
        var expected = stream.CanSeek ? Math.Min(stream.Length, maxBytes) : 1 << 16;
        var bytes = new byte[expected + 1];
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(bytes.AsMemory(length), cancellationToken);
            length += read;
            if (read == 0)
            {
                Array.Resize(ref bytes, length);
                return new ReadUpload.Whole(bytes);
            }

            if (length > maxBytes)
            {
                var start = bytes.AsMemory(0, length);
                return new ReadUpload.TooLarge(start, await DigestAsync(start, stream, cancellationToken));
            }

            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(2L * length, maxBytes + 1));
            }
        }
    }

    private static async Task<FileDigests> DigestAsync(
        ReadOnlyMemory<byte> start, Stream rest, CancellationToken cancellationToken)
    {
        using var digests = new DigestCalculator();
        digests.Append(start.Span);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
        try
        {
            while (await rest.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                digests.Append(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return digests.Finish();
    }
}
