using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Palisade.Decoder.Provenance.Containers;

/// <summary>
/// The blocks that Samsung's gallery puts behind a JPEG: named ones, indexed from the end ("SEFH" ... "SEFT").
/// </summary>
internal static class SamsungTrailer
{
    private const int MaxEntries = 64;
    private const int MaxBlockBytes = 1 << 20;

    public static void Read(ReadOnlyMemory<byte> file, FileParts parts)
    {
        var span = file.Span;
        if (span.Length < 24 || !span[^4..].SequenceEqual("SEFT"u8))
        {
            return;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(span[^8..]);
        var start = (long)span.Length - 8 - length;
        if (length < 12 || start < 0 || !span[(int)start..].StartsWith("SEFH"u8))
        {
            return;
        }

        var head = (int)start;
        var count = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(span[(head + 8)..]), (length - 12) / 12);
        for (var i = 0; i < Math.Min(count, MaxEntries); i++)
        {
            var entry = span.Slice(head + 12 + (i * 12), 12);
            var back = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
            var size = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
            if (back <= head && size is > 8 and <= MaxBlockBytes && size <= back)
            {
                ReadBlock(span.Slice(head - (int)back, (int)size), parts);
            }
        }
    }

    private static void ReadBlock(ReadOnlySpan<byte> block, FileParts parts)
    {
        var nameLength = BinaryPrimitives.ReadUInt32LittleEndian(block[4..]);
        if (nameLength <= 64 && nameLength <= block.Length - 8)
        {
            var name = Encoding.Latin1.GetString(block.Slice(8, (int)nameLength));
            parts.AddText("samsung-sef", name, Encoding.UTF8.GetString(block[(8 + (int)nameLength)..]));
        }
    }
}
