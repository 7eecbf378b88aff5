using System.Buffers.Binary;
using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>
/// Keeps an index in a stream, encrypted and authenticated, so that a start need not read every picture from the store.
/// </summary>
/// <remarks>
/// What is sealed (see <see cref="SealedChunkWriter"/>) is the number of pictures and of their points (8 bytes each), then
/// for each picture its row (4), the length of its codes in bytes (4) and the codes in their binary form. The table is
/// made anew on reading, which takes less time than reading it would. Whoever writes a file writes it beside, flushes it to
/// the disk and renames it; the stream is the caller's.
/// </remarks>
public static class RegionIndexSnapshot
{
    private const int HeadBytes = 16;
    private const int PictureHeadBytes = 8;

    private static ReadOnlySpan<byte> Letters => "PALREG01"u8;

    /// <param name="key">256 bits.</param>
    public static void Save(RegionIndex index, Stream stream, ReadOnlySpan<byte> key)
    {
        using var writer = new SealedChunkWriter(stream, Letters, key);
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteInt64LittleEndian(head, index.Count);
        BinaryPrimitives.WriteInt64LittleEndian(
            head[8..], index.Pictures().Sum(static picture => (long)picture.Rows.PointsOf(picture.Place)));
        writer.Write(head);
        Span<byte> pictureHead = stackalloc byte[PictureHeadBytes];
        foreach (var (rows, place) in index.Pictures())
        {
            var codes = rows.CodesAt(place);
            BinaryPrimitives.WriteInt32LittleEndian(pictureHead, rows.RowOf(place));
            BinaryPrimitives.WriteInt32LittleEndian(pictureHead[4..], codes.Bytes.Length);
            writer.Write(pictureHead);
            writer.Write(codes.Bytes.Span);
        }

        writer.Finish();
    }

    /// <summary>Reads an index that was saved under the same key.</summary>
    /// <param name="name">What the stream is, for the exception: a file's name.</param>
    /// <exception cref="InvalidDataException">
    /// The stream is not a whole snapshot under this key: make the index from the store and save it anew.
    /// </exception>
    public static RegionIndex Load(Stream stream, ReadOnlySpan<byte> key, string name)
    {
        using var reader = new SealedChunkReader(stream, Letters, key, name);
        Span<byte> head = stackalloc byte[HeadBytes];
        reader.Read(head);
        var pictures = BinaryPrimitives.ReadInt64LittleEndian(head);
        var points = BinaryPrimitives.ReadInt64LittleEndian(head[8..]);
        if (pictures is < 0 or > RegionSegment.MostPictures || points < 0 || points > Array.MaxLength)
        {
            throw reader.Refused();
        }

        var rows = new RegionRows((int)pictures, (int)points);
        Span<byte> pictureHead = stackalloc byte[PictureHeadBytes];
        Span<byte> bytes = stackalloc byte[RegionCodes.DensePoints * RegionCodes.PointBytes];
        for (var picture = 0; picture < pictures; picture++)
        {
            reader.Read(pictureHead);
            var length = BinaryPrimitives.ReadInt32LittleEndian(pictureHead[4..]);
            if (length < 0 || length > bytes.Length)
            {
                throw reader.Refused();
            }

            reader.Read(bytes[..length]);
            rows.Add(
                BinaryPrimitives.ReadInt32LittleEndian(pictureHead),
                RegionCodes.TryRead(bytes[..length], out _) ?? throw reader.Refused());
        }

        reader.Finish();
        return RegionIndex.Of(rows);
    }
}
