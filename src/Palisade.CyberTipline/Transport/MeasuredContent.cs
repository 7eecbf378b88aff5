using System.Net;
using System.Security.Cryptography;

namespace Palisade.CyberTipline;

/// <summary>Sends a file of known length and takes its MD5 on the way, which the authority's answer must repeat.</summary>
internal sealed class MeasuredContent(Stream bytes, long length) : HttpContent
{
    /// <summary>Of the bytes that were sent; null before all were.</summary>
    public string? Md5 { get; private set; }

    /// <summary>Why our own file could not be read; no fault of the authority, and no reason to try again.</summary>
    public Exception? ReadFailure { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The protocol's own check of transfer; nothing is protected by it.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = new byte[64 * 1024];
        var left = length;
        while (left > 0)
        {
            var count = await ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken);

            hash.AppendData(buffer, 0, count);
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            left -= count;
        }

        Md5 = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }

    private async Task<int> ReadAsync(Memory<byte> portion, CancellationToken cancellationToken)
    {
        try
        {
            var count = await bytes.ReadAsync(portion, cancellationToken);
            return count > 0 ? count : throw new EndOfStreamException("The file to be reported ended before its length.");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            ReadFailure = failure;
            throw;
        }
    }
}
