using System.Buffers.Binary;
using System.Text;

namespace Palisade.Decoder.Provenance.Containers;

/// <summary>Walks the top-level boxes of an ISO base media file: AVIF, HEIF, MP4, MOV.</summary>
internal static class BoxParts
{
    private static readonly byte[] C2paType =
        [0xD8, 0xFE, 0xC3, 0xD6, 0x1B, 0x0E, 0x48, 0x3C, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7E, 0xC4, 0x81];

    private static readonly byte[] XmpType =
        [0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8, 0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC];

    public static bool IsBoxFile(ReadOnlySpan<byte> file) => file.Length >= 12 && file[4..].StartsWith("ftyp"u8);

    public static void Read(ReadOnlyMemory<byte> file, FileParts parts)
    {
        var span = file.Span;
        var position = 0;
        for (var count = 0; count < FileParts.MaxParts && position + 8 <= span.Length; count++)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(span[position..]);
            var header = 8;
            if (length == 1 && position + 16 <= span.Length)
            {
                length = (long)Math.Min(BinaryPrimitives.ReadUInt64BigEndian(span[(position + 8)..]), long.MaxValue);
                header = 16;
            }
            else if (length == 0)
            {
                length = span.Length - position;
            }

            if (length < header || length > span.Length - position)
            {
                parts.Report("boxes: a box is longer than the file or shorter than its header");
                return;
            }

            var box = new FileBox(Encoding.Latin1.GetString(span.Slice(position + 4, 4)), position, header, (int)length);
            parts.Boxes.Add(box);
            if (box.Type == "uuid")
            {
                ReadUuid(file.Slice(position + header, (int)length - header), box, parts);
            }

            position += (int)length;
        }
    }

    private static void ReadUuid(ReadOnlyMemory<byte> body, FileBox box, FileParts parts)
    {
        if (body.Span.StartsWith(XmpType))
        {
            parts.Xmp = body[XmpType.Length..];
            return;
        }

        // Version and flags, the purpose, the offset of a Merkle box, the store.
        if (!body.Span.StartsWith(C2paType) || body.Length < 20)
        {
            return;
        }

        var rest = body[20..];
        var end = rest.Span.IndexOf((byte)0);
        if (end >= 0 && rest.Span[..end].SequenceEqual("manifest"u8) && rest.Length > end + 9)
        {
            parts.AddStore(rest[(end + 9)..], box.Start, box.Length);
        }
    }
}
