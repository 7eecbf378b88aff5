namespace Palisade.Decoding;

/// <summary>
/// A pool of sandboxed worker processes that turn untrusted bytes into numbers.
/// </summary>
public sealed class DecoderPool : IAsyncDisposable
{
    /// <summary>Decodes and fingerprints one upload. Never throws for what the bytes are.</summary>
    public Task<DecodeOutcome> DecodeAsync(ReadOnlyMemory<byte> upload, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>
    /// Encodes pixels of our own making (drawn by the demo, or a safe view) as jpeg, png, webp, gif, tiff or avif.
    /// </summary>
    /// <param name="rgb">Packed 8-bit RGB, width x height x 3 bytes.</param>
    /// <param name="quality">1 to 100, where the form has one.</param>
    public Task<byte[]> EncodeAsync(
        ReadOnlyMemory<byte> rgb, int width, int height, string format, int quality, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
