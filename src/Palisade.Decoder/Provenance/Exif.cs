using System.Buffers.Binary;
using System.Text;
using Palisade.Decoder.Provenance.Containers;

namespace Palisade.Decoder.Provenance;

/// <summary>Reads the texts of an EXIF block (TIFF 6.0; Exif 3.0).</summary>
internal static class Exif
{
    private const int MaxEntries = 512;
    private const int SubfolderTag = 0x8769;
    private const int UserCommentTag = 0x9286;
    private const int MaxTextBytes = 1 << 20;

    private static readonly Dictionary<int, string> Names = new()
    {
        [0x010D] = "DocumentName",
        [0x010E] = "ImageDescription",
        [0x010F] = "Make",
        [0x0110] = "Model",
        [0x0131] = "Software",
        [0x013B] = "Artist",
        [0x927C] = "MakerNote",
        [UserCommentTag] = "UserComment",
    };

    public static void Read(FileParts parts)
    {
        var block = parts.Exif.Span;
        if (block.Length < 8)
        {
            return;
        }

        var isLittle = block.StartsWith("II"u8);
        if (!isLittle && !block.StartsWith("MM"u8))
        {
            return;
        }

        ReadFolder(block, Number(block, 4, isLittle), isLittle, mayDescend: true, parts);
    }

    private static void ReadFolder(ReadOnlySpan<byte> block, uint offset, bool isLittle, bool mayDescend, FileParts parts)
    {
        if (offset > block.Length - 2)
        {
            return;
        }

        var count = Math.Min((int)Short(block, (int)offset, isLittle), MaxEntries);
        for (var i = 0; i < count; i++)
        {
            var at = (int)offset + 2 + (i * 12);
            if (at > block.Length - 12)
            {
                return;
            }

            var tag = Short(block, at, isLittle);
            if (tag == SubfolderTag && mayDescend)
            {
                ReadFolder(block, Number(block, at + 8, isLittle), isLittle, mayDescend: false, parts);
            }
            else if (Names.TryGetValue(tag, out var name) && Value(block, at, isLittle) is { IsEmpty: false } value)
            {
                parts.AddText("exif", name, tag == UserCommentTag ? Comment(value, isLittle) : Plain(value));
            }
        }
    }

    /// <summary>Text and undefined bytes alone.</summary>
    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> block, int at, bool isLittle)
    {
        var type = Short(block, at + 2, isLittle);
        var length = Number(block, at + 4, isLittle);
        if (type is not (1 or 2 or 7 or 129) || length > MaxTextBytes)
        {
            return [];
        }

        var start = length <= 4 ? (uint)at + 8 : Number(block, at + 8, isLittle);
        return start <= block.Length && length <= block.Length - start ? block.Slice((int)start, (int)length) : [];
    }

    private static string Plain(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value).TrimEnd('\0', ' ');

    /// <summary>
    /// Eight bytes name the code. UNICODE is UTF-16 in the block's order by the standard; generators write the other, so the
    /// order with more of the printable ASCII that keys and numbers are made of is taken.
    /// </summary>
    private static string Comment(ReadOnlySpan<byte> value, bool isLittle)
    {
        if (value.Length <= 8)
        {
            return string.Empty;
        }

        var text = value[8..];
        if (!value.StartsWith("UNICODE\0"u8))
        {
            return Plain(value.StartsWith("ASCII\0\0\0"u8) || value[0] == 0 ? text : value);
        }

        text = text[..(text.Length & ~1)];
        var own = (isLittle ? Encoding.Unicode : Encoding.BigEndianUnicode).GetString(text);
        var other = (isLittle ? Encoding.BigEndianUnicode : Encoding.Unicode).GetString(text);
        return (own.Count(char.IsAscii) >= other.Count(char.IsAscii) ? own : other).TrimEnd('\0', ' ');
    }

    private static ushort Short(ReadOnlySpan<byte> block, int at, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(block[at..]) : BinaryPrimitives.ReadUInt16BigEndian(block[at..]);

    private static uint Number(ReadOnlySpan<byte> block, int at, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(block[at..]) : BinaryPrimitives.ReadUInt32BigEndian(block[at..]);
}
