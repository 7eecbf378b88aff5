using System.Buffers.Binary;

namespace Palisade.Decoder.Provenance.Containers;

/// <summary>Walks the chunks of a WebP.</summary>
internal static class RiffParts
{
    public static void Read(ReadOnlyMemory<byte> file, FileParts parts)
    {
        var span = file.Span;
        var position = 12;
        for (var count = 0; count < FileParts.MaxParts && position + 8 <= span.Length; count++)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(span[(position + 4)..]);
            if (length > span.Length - position - 8)
            {
                parts.Report("webp: a chunk is longer than the file");
                return;
            }

            var type = span.Slice(position, 4);
            var data = file.Slice(position + 8, (int)length);
            var padded = (int)Math.Min(8L + length + (length & 1), span.Length - position);
            if (type.SequenceEqual("C2PA"u8))
            {
                parts.AddStore(data, position, padded);
            }
            else if (type.SequenceEqual("XMP "u8))
            {
                parts.Xmp = data;
            }
            else if (type.SequenceEqual("EXIF"u8))
            {
                parts.Exif = data.Span.StartsWith("Exif\0\0"u8) ? data[6..] : data;
            }

            position += padded;
        }
    }
}
