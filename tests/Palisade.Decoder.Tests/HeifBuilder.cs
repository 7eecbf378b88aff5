using System.Buffers.Binary;
using System.Text;

namespace Palisade.Decoder.Tests;

/// <summary>Writes ISO base media boxes (ISO/IEC 14496-12), sound or not.</summary>
internal static class HeifBuilder
{
    public static byte[] Box(string name, params byte[][] parts)
    {
        var data = parts.SelectMany(part => part).ToArray();
        var head = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(head, data.Length + 8);
        Encoding.ASCII.GetBytes(name, head.AsSpan(4));
        return [.. head, .. data];
    }

    public static byte[] Start() => Box("ftyp", [.. "avif\0\0\0\0avifmif1miaf"u8]);

    /// <summary>Boxes in boxes, this many deep.</summary>
    public static byte[] Nested(int depth)
    {
        var file = new List<byte>(Start());
        for (var level = depth; level > 0; level--)
        {
            file.AddRange([.. Number(8 * level), .. "iprp"u8]);
        }

        return [.. file];
    }

    /// <summary>A picture that claims to be 255 x 255 tiles, each of them the same one.</summary>
    public static byte[] Grid(int width, int height)
    {
        const int tiles = 255 * 255;
        byte[] grid = [0, 1, 254, 254, .. Number(width), .. Number(height)];
        var references = Enumerable.Repeat((byte[])[0, 2], tiles).SelectMany(id => id).ToArray();
        return
        [
            .. Start(),
            .. Box(
                "meta",
                [0, 0, 0, 0],
                Box("hdlr", [0, 0, 0, 0, 0, 0, 0, 0, .. "pict"u8, .. new byte[13]]),
                Box("pitm", [0, 0, 0, 0, 0, 1]),
                Box(
                    "iinf",
                    [0, 0, 0, 0, 0, 2],
                    Box("infe", [2, 0, 0, 0, 0, 1, 0, 0, .. "grid"u8, 0]),
                    Box("infe", [2, 0, 0, 0, 0, 2, 0, 0, .. "av01"u8, 0])),
                Box("iref", [0, 0, 0, 0], Box("dimg", [0, 1, tiles >> 8, tiles & 255], references)),
                Box(
                    "iprp",
                    Box(
                        "ipco",
                        Box("ispe", [0, 0, 0, 0, .. Number(width), .. Number(height)]),
                        Box("ispe", [0, 0, 0, 0, .. Number(256), .. Number(256)]),
                        Box("av1C", [0x81, 0, 0x0C, 0])),
                    Box("ipma", [0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1, 0x81, 0, 2, 2, 0x82, 0x83])),
                Box("idat", grid),
                Box(
                    "iloc",
                    [
                        1, 0, 0, 0, 0x44, 0, 0, 2,
                        0, 1, 0, 1, 0, 0, 0, 1, .. Number(0), .. Number(grid.Length),
                        0, 2, 0, 1, 0, 0, 0, 1, .. Number(0), .. Number(grid.Length),
                    ])),
        ];
    }

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
