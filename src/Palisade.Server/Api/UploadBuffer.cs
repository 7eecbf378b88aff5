using System.Buffers;

namespace Palisade.Server.Api;

/// <summary>One request's body in memory, whole. It is read into its place and not moved after that.</summary>
public sealed class UploadBuffer : IDisposable
{
    /// <summary>Where the request does not say how long it is.</summary>
    private const int FirstSize = 64 << 10;

    private byte[] _bytes = [];
    private int _length;

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>Reads to the end, and no further than one byte over the limit.</summary>
    /// <param name="declaredBytes">What the request says of its length.</param>
    /// <returns>Whether it was no more than <paramref name="maxBytes"/>.</returns>
    public async Task<bool> TryFillAsync(Stream source, long? declaredBytes, long maxBytes, CancellationToken cancellationToken)
    {
        // One byte more, since that is how the end shows itself, and a body that is too large.
        _bytes = ArrayPool<byte>.Shared.Rent((int)Math.Min(declaredBytes ?? FirstSize, maxBytes) + 1);
        int read;
        while ((read = await source.ReadAsync(_bytes.AsMemory(_length), cancellationToken)) > 0)
        {
            _length += read;
            if (_length > maxBytes)
            {
                return false;
            }

            if (_length == _bytes.Length)
            {
                Grow(maxBytes);
            }
        }

        return true;
    }

    public void Dispose() => Return(Interlocked.Exchange(ref _bytes, []));

    private void Grow(long maxBytes)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * _bytes.Length, maxBytes + 1));
        Bytes.Span.CopyTo(larger);
        Return(_bytes);
        _bytes = larger;
    }

    /// <summary>Cleared, so that one person's picture does not lie about in another's buffer.</summary>
    private void Return(byte[] bytes)
    {
        if (bytes.Length > 0)
        {
            bytes.AsSpan(0, Math.Min(_length, bytes.Length)).Clear();
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
