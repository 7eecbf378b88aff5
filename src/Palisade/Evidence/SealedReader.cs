using System.Security.Cryptography;

namespace Palisade.Evidence;

/// <summary>
/// Opens a container chunk by chunk: no byte is given before its chunk has been authenticated, and the last chunk proves
/// that nothing is missing. Holds one chunk, whatever the size.
/// </summary>
internal sealed class SealedReader : IDisposable
{
    private readonly Stream _source;
    private readonly ChunkCipher _cipher;
    private readonly byte[] _sealed;
    private readonly byte[] _clear;
    private int _held;
    private int _clearBytes;
    private bool _isOver;

    private SealedReader(Stream source, ChunkCipher cipher, int chunkBytes)
    {
        _source = source;
        _cipher = cipher;

        // One byte more than a sealed chunk: whether it could be read says whether the chunk is the last.
        _sealed = GC.AllocateUninitializedArray<byte>(chunkBytes + ChunkCipher.TagBytes + 1);
        _clear = GC.AllocateUninitializedArray<byte>(chunkBytes);
    }

    /// <summary>The chunk that <see cref="ReadAsync"/> opened; good until the next call.</summary>
    public ReadOnlyMemory<byte> Chunk => _clear.AsMemory(0, _clearBytes);

    /// <summary>Reads and proves the header.</summary>
    /// <param name="expected">What the container must be.</param>
    /// <param name="header">As it was recorded when it was sealed; null when nothing was recorded.</param>
    /// <exception cref="EvidenceDamagedException">It is something else, or was changed.</exception>
    public static async Task<SealedReader> OpenAsync(
        Stream source, byte[] dataKey, EvidenceId expected, SealedPurpose purpose, byte[]? header, CancellationToken cancellationToken)
    {
        var read = new byte[SealedHeader.SizeBytes];
        var length = await source.ReadAtLeastAsync(read, read.Length, throwOnEndOfStream: false, cancellationToken);
        if (length < read.Length || !SealedHeader.TryRead(read, out var fields) ||
            fields.Id != expected || fields.Purpose != purpose || !SealedHeader.IsGenuine(read, dataKey) ||
            (header is not null && !read.AsSpan().SequenceEqual(header)))
        {
            throw new EvidenceDamagedException(expected, "its header is not the one it was sealed with");
        }

        return new SealedReader(source, new ChunkCipher(dataKey, read), fields.ChunkBytes) { Id = expected };
    }

    /// <summary>Opens the next chunk.</summary>
    /// <returns>False at the proven end.</returns>
    /// <exception cref="EvidenceDamagedException">The chunk was changed, is out of place, or the end is missing.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (_isOver)
        {
            _clearBytes = 0;
            return false;
        }

        var room = _sealed.AsMemory(_held);
        _held += await _source.ReadAtLeastAsync(room, room.Length, throwOnEndOfStream: false, cancellationToken);
        Open();
        return true;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_clear);
        _cipher.Dispose();
    }

    private EvidenceId Id { get; init; }

    private void Open()
    {
        var isLast = _held < _sealed.Length;
        var chunk = _sealed.AsSpan(0, isLast ? _held : _sealed.Length - 1);
        _clearBytes = 0;

        // An empty last chunk stands alone, so that there is one way only to seal given bytes.
        if (chunk.Length < ChunkCipher.TagBytes || (chunk.Length == ChunkCipher.TagBytes && _cipher.Position > 0) ||
            !_cipher.TryOpen(chunk, isLast, _clear.AsSpan(0, chunk.Length - ChunkCipher.TagBytes)))
        {
            throw new EvidenceDamagedException(
                Id, $"chunk {_cipher.Position + 1} was changed, is out of place, or is missing");
        }

        _clearBytes = chunk.Length - ChunkCipher.TagBytes;
        _isOver = isLast;
        if (!isLast)
        {
            _sealed[0] = _sealed[^1];
            _held = 1;
        }
    }
}
