using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Palisade.Signals.Pdq;

namespace Palisade.Signals.Search;

/// <summary>
/// Keeps an index in a stream, encrypted and authenticated, so that a start need not read every signal from the store.
/// </summary>
/// <remarks>
/// A head of 48 bytes (eight letters, a salt of 32, the number of rows), then chunks of up to 16,384 rows of 36 bytes:
/// hash and row number, each chunk under AES-256-GCM. The chunk key is derived from the key handed in and the salt
/// (HKDF-SHA256, RFC 5869), so that no nonce is ever used twice; nonce and associated data bind a chunk to its head,
/// its position, and whether it is the last. Whoever writes a file writes it beside, flushes it to the disk and renames
/// it; the stream is the caller's.
/// </remarks>
public static class PdqIndexSnapshot
{
    private const int HeadBytes = 48;
    private const int SaltBytes = 32;
    private const int TagBytes = 16;
    private const int ChunkRows = 16_384;
    private const int RowBytes = PdqHash.ByteCount + sizeof(int);
    private const int KeyBytes = 32;

    private static ReadOnlySpan<byte> Letters => "PALIDX01"u8;

    /// <summary>Writes every row of the index.</summary>
    /// <param name="key">256 bits.</param>
    public static void Save(PdqIndex index, Stream stream, ReadOnlySpan<byte> key)
    {
        var pairs = new List<KeyValuePair<int, PdqHash>>(index.Count);
        index.CopyTo(pairs);
        Span<byte> head = stackalloc byte[HeadBytes];
        Letters.CopyTo(head);
        RandomNumberGenerator.Fill(head.Slice(Letters.Length, SaltBytes));
        BinaryPrimitives.WriteInt64LittleEndian(head[(Letters.Length + SaltBytes)..], pairs.Count);
        stream.Write(head);

        using var cipher = Open(key, head);
        var chunk = new byte[(ChunkRows * RowBytes) + TagBytes];
        for (var position = 0L; position < ChunksOf(pairs.Count); position++)
        {
            var first = (int)(position * ChunkRows);
            var rows = Math.Min(ChunkRows, pairs.Count - first);
            for (var at = 0; at < rows; at++)
            {
                var row = chunk.AsSpan(at * RowBytes, RowBytes);
                pairs[first + at].Value.WriteTo(row);
                BinaryPrimitives.WriteInt32LittleEndian(row[PdqHash.ByteCount..], pairs[first + at].Key);
            }

            var isLast = position == ChunksOf(pairs.Count) - 1;
            var plain = chunk.AsSpan(0, rows * RowBytes);
            var nonce = NonceOf(position, isLast);
            cipher.Encrypt(
                nonce, plain, plain, chunk.AsSpan(rows * RowBytes, TagBytes), head);
            stream.Write(chunk.AsSpan(0, (rows * RowBytes) + TagBytes));
        }

        CryptographicOperations.ZeroMemory(chunk);
    }

    /// <summary>Reads an index that was saved under the same key.</summary>
    /// <param name="name">What the stream is, for the exception: a file's name.</param>
    /// <exception cref="InvalidDataException">
    /// The stream is not a whole snapshot under this key: make the index from the store and save it anew.
    /// </exception>
    public static PdqIndex Load(Stream stream, ReadOnlySpan<byte> key, string name)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        var isHead = stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) == HeadBytes;
        if (!isHead || !head.StartsWith(Letters))
        {
            throw Refused(name);
        }

        // The number is read before it is proven, so it may not make this reserve memory: arrays grow with the chunks.
        var count = BinaryPrimitives.ReadInt64LittleEndian(head[(Letters.Length + SaltBytes)..]);
        if (count is < 0 or > int.MaxValue)
        {
            throw Refused(name);
        }

        using var cipher = Open(key, head);
        var (hashes, numbers) = (new List<PdqHash>(), new List<int>());
        var chunk = new byte[(ChunkRows * RowBytes) + TagBytes];
        for (var position = 0L; position < ChunksOf(count); position++)
        {
            var rows = (int)Math.Min(ChunkRows, count - (position * ChunkRows));
            var sealedBytes = chunk.AsSpan(0, (rows * RowBytes) + TagBytes);
            if (stream.ReadAtLeast(sealedBytes, sealedBytes.Length, throwOnEndOfStream: false) < sealedBytes.Length)
            {
                throw Refused(name);
            }

            Decrypt(cipher, NonceOf(position, position == ChunksOf(count) - 1), sealedBytes, head, name);
            for (var at = 0; at < rows; at++)
            {
                var row = sealedBytes.Slice(at * RowBytes, RowBytes);
                hashes.Add(PdqHash.FromBytes(row));
                numbers.Add(BinaryPrimitives.ReadInt32LittleEndian(row[PdqHash.ByteCount..]));
            }
        }

        CryptographicOperations.ZeroMemory(chunk);
        return stream.ReadByte() < 0
            ? PdqIndex.Build(
                System.Runtime.InteropServices.CollectionsMarshal.AsSpan(hashes),
                System.Runtime.InteropServices.CollectionsMarshal.AsSpan(numbers))
            : throw Refused(name);
    }

    /// <summary>An empty index has one chunk too, which proves its head.</summary>
    private static long ChunksOf(long rows) => Math.Max(1, (rows + ChunkRows - 1) / ChunkRows);

    private static AesGcm Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> head)
    {
        if (key.Length != KeyBytes)
        {
            throw new ArgumentException($"The key has {KeyBytes} bytes, not {key.Length}.", nameof(key));
        }

        Span<byte> derived = stackalloc byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, derived, head.Slice(Letters.Length, SaltBytes), Letters);
        var cipher = new AesGcm(derived, TagBytes);
        CryptographicOperations.ZeroMemory(derived);
        return cipher;
    }

    private static Nonce NonceOf(long position, bool isLast)
    {
        var nonce = default(Nonce);
        BinaryPrimitives.WriteInt64LittleEndian(nonce, position);
        nonce[8] = isLast ? (byte)1 : (byte)0;
        return nonce;
    }

    private static void Decrypt(
        AesGcm cipher, Nonce nonce, Span<byte> sealedBytes, ReadOnlySpan<byte> head, string name)
    {
        try
        {
            var bytes = sealedBytes[..^TagBytes];
            cipher.Decrypt(nonce, bytes, sealedBytes[^TagBytes..], bytes, head);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw Refused(name);
        }
    }

    private static InvalidDataException Refused(string name) =>
        new($"{name} is not a whole snapshot under this key; make the index from the store and save it anew.");

    /// <summary>Position and end of a chunk, 96 bits.</summary>
    [InlineArray(12)]
    private struct Nonce
    {
        private byte _first;
    }
}
