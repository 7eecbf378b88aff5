using System.Buffers;
using Palisade.Signals.Digests;

namespace Palisade.Server.Api;

/// <summary>The bytes of one upload in pooled memory, and their digests, computed as the bytes arrive.</summary>
public sealed class UploadBuffer : IDisposable
{
    private const int FirstSize = 64 << 10;

    private readonly DigestCalculator _digests = new();
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstSize);
    private int _length;

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>Reads to the end, and no further than one byte over the limit.</summary>
    /// <returns>The digests; null when there is more than <paramref name="maxBytes"/>.</returns>
    public async Task<FileDigests?> ReadAsync(Stream source, long maxBytes, CancellationToken cancellationToken)
    {
        int read;
        while ((read = await source.ReadAsync(_bytes.AsMemory(_length), cancellationToken)) > 0)
        {
            _digests.Append(_bytes.AsSpan(_length, read));
            _length += read;
            if (_length > maxBytes)
            {
                return null;
            }

            if (_length == _bytes.Length)
            {
                Grow(maxBytes);
            }
        }

        return _digests.Finish();
    }

    public void Dispose()
    {
        _digests.Dispose();
        Return(Interlocked.Exchange(ref _bytes, []));
    }

    private void Grow(long maxBytes)
    {
        // One byte over the limit must fit, since that is how a file that is too large shows itself.
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * _bytes.Length, maxBytes + 1));
        _bytes.AsSpan(0, _length).CopyTo(larger);
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
