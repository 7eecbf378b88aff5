using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Palisade.Decoder.Provenance.Containers;

/// <summary>Walks a PNG's chunks to its end: some writers put text behind the picture's data.</summary>
internal static class PngParts
{
    private const int SignatureBytes = 8;

    /// <summary>Most bytes that one compressed text may grow to.</summary>
    private const int MaxInflatedBytes = 4 << 20;

    public static void Read(ReadOnlyMemory<byte> file, FileParts parts)
    {
        var span = file.Span;
        var position = SignatureBytes;
        for (var count = 0; count < FileParts.MaxParts && position + 12 <= span.Length; count++)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(span[position..]);
            if (length > span.Length - position - 12)
            {
                parts.Report("png: a chunk is longer than the file");
                return;
            }

            var type = span.Slice(position + 4, 4);
            var data = file.Slice(position + 8, (int)length);
            if (type.SequenceEqual("caBX"u8))
            {
                parts.AddStore(data, position, 12 + (int)length);
            }
            else if (type.SequenceEqual("eXIf"u8))
            {
                parts.Exif = data;
            }
            else if (type.SequenceEqual("tEXt"u8) || type.SequenceEqual("zTXt"u8) || type.SequenceEqual("comf"u8))
            {
                ReadText(data, type[0] == 'z', parts);
            }
            else if (type.SequenceEqual("iTXt"u8))
            {
                ReadInternationalText(data, parts);
            }
            else if (type.SequenceEqual("IEND"u8))
            {
                return;
            }

            position += 12 + (int)length;
        }
    }

    private static void ReadText(ReadOnlyMemory<byte> data, bool isCompressed, FileParts parts)
    {
        var end = data.Span.IndexOf((byte)0);
        if (end < 1 || end > 79)
        {
            return;
        }

        var key = Encoding.Latin1.GetString(data.Span[..end]);
        var value = data[(end + 1)..];
        if (isCompressed)
        {
            value = value.Length > 1 ? Inflate(value[1..], parts) : default;
        }

        // By the standard Latin-1; the generators' JSON is often UTF-8, and ASCII is both.
        parts.AddText("png-text", key, Encoding.Latin1.GetString(value.Span));
    }

    private static void ReadInternationalText(ReadOnlyMemory<byte> data, FileParts parts)
    {
        var end = data.Span.IndexOf((byte)0);
        if (end < 1 || end > 79 || data.Length < end + 5)
        {
            return;
        }

        var key = Encoding.Latin1.GetString(data.Span[..end]);
        var isCompressed = data.Span[end + 1] == 1;
        var rest = data[(end + 3)..];
        for (var skipped = 0; skipped < 2; skipped++)
        {
            var next = rest.Span.IndexOf((byte)0);
            if (next < 0)
            {
                return;
            }

            rest = rest[(next + 1)..];
        }

        var value = isCompressed ? Inflate(rest, parts) : rest;
        if (key == "XML:com.adobe.xmp")
        {
            parts.Xmp = parts.Xmp.IsEmpty ? value : parts.Xmp;
        }
        else
        {
            parts.AddText("png-text", key, Encoding.UTF8.GetString(value.Span));
        }
    }

    private static ReadOnlyMemory<byte> Inflate(ReadOnlyMemory<byte> compressed, FileParts parts)
    {
        if (Inflation.TryZlib(compressed, MaxInflatedBytes) is { } inflated)
        {
            return inflated;
        }

        parts.Report("png: a compressed text is damaged or too long");
        return default;
    }
}
