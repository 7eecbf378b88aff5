using System.Security.Cryptography;

namespace Palisade.Evidence;

/// <summary>
/// Seals bytes into a container as they come, and digests them in the same pass. Holds one chunk, whatever the size.
/// </summary>
internal sealed class SealedWriter : IDisposable
{
    private readonly Stream _destination;
    private readonly ChunkCipher _cipher;
    private readonly IncrementalHash _clearDigest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _pending;
    private readonly byte[] _sealed;
    private int _held;

    /// <param name="destination">Gets the header at once; stays the caller's to close.</param>
    public SealedWriter(Stream destination, SealedHeader header, ReadOnlySpan<byte> dataKey)
    {
        _destination = destination;
        Header = header.Write(dataKey);
        _cipher = new ChunkCipher(dataKey, Header);
        _pending = GC.AllocateUninitializedArray<byte>(header.ChunkBytes);
        _sealed = GC.AllocateUninitializedArray<byte>(header.ChunkBytes + ChunkCipher.TagBytes);
        destination.Write(Header);
    }

    public byte[] Header { get; }

    /// <summary>Clear bytes so far.</summary>
    public long SizeBytes { get; private set; }

    public void Write(ReadOnlySpan<byte> clear)
    {
        SizeBytes += clear.Length;

        // A full chunk is sealed only once more follows it, for the last one must say that it is the last.
        while (_held + clear.Length > _pending.Length)
        {
            if (_held == 0)
            {
                Seal(clear[.._pending.Length], isLast: false);
                clear = clear[_pending.Length..];
            }
            else
            {
                var rest = _pending.Length - _held;
                clear[..rest].CopyTo(_pending.AsSpan(_held));
                Seal(_pending, isLast: false);
                clear = clear[rest..];
                _held = 0;
            }
        }

        clear.CopyTo(_pending.AsSpan(_held));
        _held += clear.Length;
    }

    /// <summary>Seals the last chunk.</summary>
    /// <returns>SHA-256 of the clear bytes.</returns>
    public byte[] Complete()
    {
        Seal(_pending.AsSpan(0, _held), isLast: true);
        return _clearDigest.GetHashAndReset();
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_pending);
        _clearDigest.Dispose();
        _cipher.Dispose();
    }

    private void Seal(ReadOnlySpan<byte> clear, bool isLast)
    {
        _clearDigest.AppendData(clear);
        var chunk = _sealed.AsSpan(0, clear.Length + ChunkCipher.TagBytes);
        _cipher.Seal(clear, isLast, chunk);
        _destination.Write(chunk);
    }
}
