using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Palisade.Evidence;

/// <summary>
/// Seals and opens the chunks of one container, in order. The nonce is the chunk's position and whether it is the last one
/// (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015), so chunks cannot be dropped, swapped or cut.
/// </summary>
/// <remarks>Every container has a data key of its own, so a nonce is never used twice under one key.</remarks>
internal sealed class ChunkCipher : IDisposable
{
    public const int TagBytes = 16;

    private const int NonceBytes = 12;

    private readonly AesGcm _aes;
    private readonly byte[] _fields;
    private readonly byte[] _nonce = new byte[NonceBytes];
    private long _position;

    /// <param name="header">Its fields go with every chunk as associated data: id, purpose and version.</param>
    public ChunkCipher(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> header)
    {
        _fields = header[..SealedHeader.FieldBytes].ToArray();
        Span<byte> key = stackalloc byte[32];
        HKDF.Expand(HashAlgorithmName.SHA256, dataKey, key, [.. "palisade sealed body v1"u8, .. _fields]);
        _aes = new AesGcm(key, TagBytes);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>How many chunks went through.</summary>
    public long Position => _position;

    /// <param name="output">As long as the clear bytes and a tag.</param>
    public void Seal(ReadOnlySpan<byte> clear, bool isLast, Span<byte> output)
    {
        SetNonce(isLast);
        _aes.Encrypt(_nonce, clear, output[..clear.Length], output[clear.Length..], _fields);
        _position++;
    }

    /// <returns>False when the chunk is not the one that was sealed at this place; then nothing is in the output.</returns>
    public bool TryOpen(ReadOnlySpan<byte> chunk, bool isLast, Span<byte> output)
    {
        SetNonce(isLast);
        try
        {
            _aes.Decrypt(_nonce, chunk[..^TagBytes], chunk[^TagBytes..], output, _fields);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        _position++;
        return true;
    }

    public void Dispose() => _aes.Dispose();

    /// <summary>Three zero bytes, the position in eight, big-endian, and 1 for the last chunk, else 0.</summary>
    private void SetNonce(bool isLast)
    {
        BinaryPrimitives.WriteInt64BigEndian(_nonce.AsSpan(3), _position);
        _nonce[^1] = isLast ? (byte)1 : (byte)0;
    }
}
