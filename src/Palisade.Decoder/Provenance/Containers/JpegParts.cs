using System.Buffers.Binary;

namespace Palisade.Decoder.Provenance.Containers;

/// <summary>Walks a JPEG's segments up to the picture's data.</summary>
internal static class JpegParts
{
    private const int App1 = 0xE1;
    private const int App11 = 0xEB;
    private const int StartOfScan = 0xDA;

    public static void Read(ReadOnlyMemory<byte> file, FileParts parts)
    {
        var span = file.Span;
        var stores = new Dictionary<int, Gathered>();
        var position = 2;
        for (var count = 0; count < FileParts.MaxParts && position + 4 <= span.Length && span[position] == 0xFF; count++)
        {
            var marker = span[position + 1];
            if (marker is 0xFF)
            {
                position++;
                continue;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(span[(position + 2)..]);
            if (marker == StartOfScan)
            {
                break;
            }

            if (length < 2 || position + 2 + length > span.Length)
            {
                parts.Report("jpeg: a segment is longer than the file");
                break;
            }

            var body = file.Slice(position + 4, length - 2);
            if (marker == App1)
            {
                ReadApp1(body, parts);
            }
            else if (marker == App11)
            {
                Gather(body.Span, position, length + 2, stores, parts);
            }

            position += 2 + length;
        }

        foreach (var store in stores.Values.Where(store => store.IsC2pa))
        {
            parts.AddStore(store.Bytes.ToArray(), store.Start, store.End - store.Start);
        }

        SamsungTrailer.Read(file, parts);
    }

    private static void ReadApp1(ReadOnlyMemory<byte> body, FileParts parts)
    {
        var xmp = "http://ns.adobe.com/xap/1.0/\0"u8;
        var exif = "Exif\0\0"u8;
        if (body.Span.StartsWith(xmp) && parts.Xmp.IsEmpty)
        {
            parts.Xmp = body[xmp.Length..];
        }
        else if (body.Span.StartsWith(exif) && parts.Exif.IsEmpty)
        {
            parts.Exif = body[exif.Length..];
        }
    }

    /// <summary>JPEG XT boxes: "JP", instance, sequence from 1, then the box; its header is repeated in each segment.</summary>
    private static void Gather(
        ReadOnlySpan<byte> body, int start, int length, Dictionary<int, Gathered> stores, FileParts parts)
    {
        if (body.Length < 16 || body[0] != 'J' || body[1] != 'P')
        {
            return;
        }

        var instance = BinaryPrimitives.ReadUInt16BigEndian(body[2..]);
        var sequence = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
        var repeated = BinaryPrimitives.ReadUInt32BigEndian(body[8..]) == 1 ? 24 : 16;
        if (sequence == 1)
        {
            if (stores.TryGetValue(instance, out var earlier) && earlier.IsC2pa)
            {
                parts.AddStore(earlier.Bytes.ToArray(), earlier.Start, earlier.End - earlier.Start);
            }

            stores[instance] = new Gathered(start, start + length, body.Length > 28 && body[24..].StartsWith("c2pa"u8));
            stores[instance].Bytes.AddRange(body[8..]);
        }
        else if (stores.TryGetValue(instance, out var store) && sequence == store.Sequence + 1 && start == store.End &&
            body.Length > repeated && store.Bytes.Count <= FileParts.MaxStoreBytes)
        {
            store.Sequence = sequence;
            store.End = start + length;
            store.Bytes.AddRange(body[repeated..]);
        }
        else
        {
            parts.Report("jpeg: segments of a JUMBF box are out of order");
        }
    }

    private sealed class Gathered(int start, int end, bool isC2pa)
    {
        public int Start { get; } = start;

        public int End { get; set; } = end;

        public uint Sequence { get; set; } = 1;

        public bool IsC2pa { get; } = isC2pa;

        public List<byte> Bytes { get; } = [];
    }
}
