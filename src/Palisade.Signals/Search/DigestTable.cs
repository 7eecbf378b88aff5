using System.Numerics;
using Palisade.Signals.Digests;

namespace Palisade.Signals.Search;

/// <summary>
/// Many digests of one type with a row number each, packed: for lists of up to a hundred million, immutable.
/// </summary>
/// <remarks>
/// Sorted by value and cut into buckets by the leading bits, eight or so entries in each; the whole leading bytes that
/// a bucket shares are not kept. An MD5 takes under 20 bytes an entry in all from a million on, a SHA-1 under 24. Of a
/// SHA-256 the first 16 bytes are kept, in under 20: what is found is a candidate, and counts only once the caller has
/// compared the whole digest with the one in its store.
/// </remarks>
public sealed class DigestTable
{
    private const int KeptBytes = 20;
    private const int RowBytes = sizeof(int);

    // Log2 of the entries in a bucket, about.
    private const int EntryBits = 3;

    // Entries of _entryBytes in pieces, as one array of bytes holds only two thousand million.
    private const int PieceBits = 20;

    private readonly byte[][] _pieces;
    private readonly int[] _starts;
    private readonly int _bits;
    private readonly int _dropped;
    private readonly int _kept;

    private DigestTable(DigestType type, byte[][] pieces, int[] starts, int bits, int count)
    {
        (Type, _pieces, _starts, _bits, Count) = (type, pieces, starts, bits, count);
        _kept = KeptOf(type);
        _dropped = bits / 8;
    }

    public DigestType Type { get; }

    public int Count { get; }

    /// <summary>What the table holds in memory, in bytes.</summary>
    public long SizeBytes => _pieces.Sum(piece => (long)piece.Length) + ((long)_starts.Length * sizeof(int));

    /// <summary>Whether what is found must still be compared with the whole digest.</summary>
    public bool FindsCandidates => Type == DigestType.Sha256;

    private int EntryBytes => _kept - _dropped + RowBytes;

    /// <summary>Builds a table; the same digest may stand for several rows.</summary>
    /// <param name="digests">Packed, so many bytes each as the type has; of SHA-256 also the first 16 alone.</param>
    /// <param name="rows">One for each digest.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static DigestTable Build(DigestType type, ReadOnlySpan<byte> digests, ReadOnlySpan<int> rows)
    {
        var size = digests.Length == (long)KeptOf(type) * rows.Length ? KeptOf(type) : Digest.SizeOf(type);
        if (digests.Length != (long)size * rows.Length)
        {
            throw new ArgumentException(
                $"{rows.Length} rows need {(long)size * rows.Length} bytes of digests, not {digests.Length}.",
                nameof(digests));
        }

        var bits = Math.Max(0, BitOperations.Log2((uint)Math.Max(1, rows.Length)) - EntryBits);
        var table = new DigestTable(
            type, MakePieces(rows.Length, KeptOf(type) - (bits / 8) + RowBytes), new int[(1 << bits) + 1], bits, rows.Length);
        table.Fill(digests, size, rows);
        return table;
    }

    /// <summary>
    /// Appends every row whose digest is this one, as far as the table keeps it; see <see cref="FindsCandidates"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The digest is of another type.</exception>
    public void Find(in Digest digest, ICollection<int> found)
    {
        if (digest.Type != Type)
        {
            throw new ArgumentException($"This table holds {Type}, not {digest.Type}.", nameof(digest));
        }

        Span<byte> bytes = stackalloc byte[32];
        digest.WriteTo(bytes);
        var wanted = bytes[_dropped.._kept];
        var bucket = BucketOf(bytes);
        var (low, high) = (_starts[bucket], _starts[bucket + 1]);
        var end = high;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = Entry(middle)[..^RowBytes].SequenceCompareTo(wanted) < 0 ? (middle + 1, high) : (low, middle);
        }

        for (; low < end && Entry(low)[..^RowBytes].SequenceEqual(wanted); low++)
        {
            found.Add(BitConverter.ToInt32(Entry(low)[^RowBytes..]));
        }
    }

    private static int KeptOf(DigestType type) => type == DigestType.Sha1 ? KeptBytes : 16;

    private static byte[][] MakePieces(int count, int entryBytes)
    {
        var pieces = new byte[(count + (1 << PieceBits) - 1) >> PieceBits][];
        for (var at = 0; at < pieces.Length; at++)
        {
            pieces[at] = LargeArray.Allocate<byte>(Math.Min(1 << PieceBits, count - (at << PieceBits)) * entryBytes);
        }

        return pieces;
    }

    private Span<byte> Entry(int place) =>
        _pieces[place >> PieceBits].AsSpan((place & ((1 << PieceBits) - 1)) * EntryBytes, EntryBytes);

    private int BucketOf(ReadOnlySpan<byte> digest) =>
        _bits == 0 ? 0 : (int)(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(digest) >> (32 - _bits));

    /// <summary>Counts, lays out, fills from the back, and sorts each bucket in place.</summary>
    private void Fill(ReadOnlySpan<byte> digests, int size, ReadOnlySpan<int> rows)
    {
        for (var at = 0; at < rows.Length; at++)
        {
            _starts[BucketOf(digests.Slice(at * size, size))]++;
        }

        for (var bucket = 1; bucket < _starts.Length; bucket++)
        {
            _starts[bucket] += _starts[bucket - 1];
        }

        for (var at = rows.Length - 1; at >= 0; at--)
        {
            var digest = digests.Slice(at * size, size);
            var entry = Entry(--_starts[BucketOf(digest)]);
            digest[_dropped.._kept].CopyTo(entry);
            BitConverter.TryWriteBytes(entry[^RowBytes..], rows[at]);
        }

        for (var bucket = 0; bucket < _starts.Length - 1; bucket++)
        {
            Sort(_starts[bucket], _starts[bucket + 1]);
        }
    }

    /// <summary>A heap sort: buckets are small, but a list made to crowd one must not cost the square of its length.</summary>
    private void Sort(int start, int end)
    {
        var count = end - start;
        for (var root = (count / 2) - 1; root >= 0; root--)
        {
            Sink(start, root, count);
        }

        for (var last = count - 1; last > 0; last--)
        {
            Swap(start, start + last);
            Sink(start, 0, last);
        }
    }

    private void Sink(int start, int root, int count)
    {
        for (var child = (2 * root) + 1; child < count; child = (2 * root) + 1)
        {
            if (child + 1 < count && Entry(start + child).SequenceCompareTo(Entry(start + child + 1)) < 0)
            {
                child++;
            }

            if (Entry(start + root).SequenceCompareTo(Entry(start + child)) >= 0)
            {
                return;
            }

            Swap(start + root, start + child);
            root = child;
        }
    }

    private void Swap(int left, int right)
    {
        Span<byte> kept = stackalloc byte[KeptBytes + RowBytes];
        kept = kept[..EntryBytes];
        Entry(left).CopyTo(kept);
        Entry(right).CopyTo(Entry(left));
        kept.CopyTo(Entry(right));
    }
}
