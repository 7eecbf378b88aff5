using System.Buffers;
using System.Net;

namespace Palisade.Client;

/// <summary>
/// The bytes of one upload as part of a form. Remembers when it was the upload that failed and not the way to the
/// service: both break the call in the same manner, and only the second is worth repeating.
/// </summary>
internal sealed class UploadContent : HttpContent
{
    private readonly Stream _bytes;

    public UploadContent(Stream bytes)
    {
        _bytes = bytes;
        Headers.ContentLength = bytes.CanSeek ? bytes.Length - bytes.Position : null;
    }

    /// <summary>Why the upload could not be read; null when it could.</summary>
    public Exception? ReadFailure { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            while (await ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = Headers.ContentLength ?? -1;
        return length >= 0;
    }

    private async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _bytes.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            ReadFailure = failure;
            throw new IOException("The upload could not be read.", failure);
        }
    }
}
