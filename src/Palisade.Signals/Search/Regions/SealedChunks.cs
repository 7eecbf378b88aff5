using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Palisade.Signals.Search.Regions;

/// <summary>
/// Writes bytes of any number so that a changed, missing or moved part is noticed, and none can be read without the key.
/// </summary>
/// <remarks>
/// A head of eight letters and a salt of 32 bytes, then chunks of up to 1 MiB, each under AES-256-GCM with its tag of 16
/// bytes behind it. The chunk key is derived from the key handed in and the salt (HKDF-SHA256, RFC 5869), so that no nonce
/// is ever used twice; nonce and associated data bind a chunk to its head, its position, and whether it is the last.
/// </remarks>
internal sealed class SealedChunkWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly SealedChunk _chunk;

    public SealedChunkWriter(Stream stream, ReadOnlySpan<byte> letters, ReadOnlySpan<byte> key)
    {
        _stream = stream;
        Span<byte> head = stackalloc byte[SealedChunk.HeadBytes];
        letters.CopyTo(head);
        RandomNumberGenerator.Fill(head[letters.Length..]);
        _stream.Write(head);
        _chunk = new SealedChunk(head, key);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_chunk.Used == SealedChunk.MostBytes)
            {
                _stream.Write(_chunk.Seal(isLast: false));
            }

            var part = bytes[..Math.Min(bytes.Length, SealedChunk.MostBytes - _chunk.Used)];
            part.CopyTo(_chunk.Plain[_chunk.Used..]);
            _chunk.Used += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    public void Finish() => _stream.Write(_chunk.Seal(isLast: true));

    public void Dispose() => _chunk.Dispose();
}

/// <summary>Reads what a <see cref="SealedChunkWriter"/> wrote, and nothing else.</summary>
internal sealed class SealedChunkReader : IDisposable
{
    private readonly Stream _stream;
    private readonly SealedChunk _chunk;
    private readonly string _name;
    private readonly byte[] _sealed = new byte[SealedChunk.MostBytes + SealedChunk.TagBytes + 1];
    private int _ahead;
    private int _read;
    private bool _isLast;

    public SealedChunkReader(Stream stream, ReadOnlySpan<byte> letters, ReadOnlySpan<byte> key, string name)
    {
        (_stream, _name) = (stream, name);
        Span<byte> head = stackalloc byte[SealedChunk.HeadBytes];
        if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || !head.StartsWith(letters))
        {
            throw Refused();
        }

        _chunk = new SealedChunk(head, key);
    }

    public void Read(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_read == _chunk.Used)
            {
                Open();
            }

            var part = _chunk.Plain[_read.._chunk.Used];
            part = part[..Math.Min(part.Length, bytes.Length)];
            part.CopyTo(bytes);
            bytes = bytes[part.Length..];
            _read += part.Length;
        }
    }

    /// <summary>Proves that everything was read.</summary>
    public void Finish()
    {
        if (!_isLast || _read < _chunk.Used)
        {
            throw Refused();
        }
    }

    public InvalidDataException Refused() =>
        new($"{_name} is not a whole snapshot under this key; make the index from the store and save it anew.");

    public void Dispose() => _chunk.Dispose();

    private void Open()
    {
        if (_isLast)
        {
            throw Refused();
        }

        // One byte is read ahead: it says whether this chunk is the last.
        var length = _ahead + _stream.ReadAtLeast(_sealed.AsSpan(_ahead), _sealed.Length - _ahead, throwOnEndOfStream: false);
        _isLast = length < _sealed.Length;
        var chunk = _sealed.AsSpan(0, _isLast ? length : length - 1);
        if (chunk.Length < SealedChunk.TagBytes || !_chunk.TryOpen(chunk, _isLast))
        {
            throw Refused();
        }

        _read = 0;
        _sealed[0] = _sealed[^1];
        _ahead = 1;
    }
}

/// <summary>One chunk's bytes in clear, and the cipher that turns them into the next sealed chunk or back.</summary>
internal sealed class SealedChunk : IDisposable
{
    public const int HeadBytes = 8 + 32;
    public const int MostBytes = 1 << 20;
    public const int TagBytes = 16;
    private const int KeyBytes = 32;
    private const int LetterBytes = 8;

    private readonly byte[] _head;
    private readonly AesGcm _cipher;
    private readonly byte[] _plain = new byte[MostBytes];
    private readonly byte[] _sealed = new byte[MostBytes + TagBytes];
    private readonly byte[] _nonce = new byte[12];
    private long _position;

    public SealedChunk(ReadOnlySpan<byte> head, ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyBytes)
        {
            throw new ArgumentException($"The key has {KeyBytes} bytes, not {key.Length}.", nameof(key));
        }

        _head = head.ToArray();
        Span<byte> derived = stackalloc byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, derived, head[LetterBytes..], head[..LetterBytes]);
        _cipher = new AesGcm(derived, TagBytes);
        CryptographicOperations.ZeroMemory(derived);
    }

    public Span<byte> Plain => _plain;

    /// <summary>How many bytes of it mean something.</summary>
    public int Used { get; set; }

    public ReadOnlySpan<byte> Seal(bool isLast)
    {
        NextNonce(isLast);
        _cipher.Encrypt(_nonce, _plain.AsSpan(0, Used), _sealed.AsSpan(0, Used), _sealed.AsSpan(Used, TagBytes), _head);
        var bytes = _sealed.AsSpan(0, Used + TagBytes);
        Used = 0;
        return bytes;
    }

    public bool TryOpen(ReadOnlySpan<byte> chunk, bool isLast)
    {
        NextNonce(isLast);
        Used = chunk.Length - TagBytes;
        try
        {
            _cipher.Decrypt(_nonce, chunk[..Used], chunk[Used..], _plain.AsSpan(0, Used), _head);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_plain);
        _cipher.Dispose();
    }

    private void NextNonce(bool isLast)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_nonce, _position++);
        _nonce[8] = isLast ? (byte)1 : (byte)0;
    }
}
