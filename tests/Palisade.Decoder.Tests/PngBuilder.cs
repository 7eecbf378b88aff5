using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Palisade.Decoder.Tests;

/// <summary>Writes PNG chunk by chunk, sound or not.</summary>
internal sealed class PngBuilder
{
    private readonly List<byte> _file = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <param name="colour">0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha.</param>
    public PngBuilder Header(int width, int height, byte depth, byte colour, bool interlaced = false)
    {
        var data = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(data, width);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(4), height);
        data[8] = depth;
        data[9] = colour;
        data[12] = interlaced ? (byte)1 : (byte)0;
        return Chunk("IHDR", data);
    }

    public PngBuilder Chunk(string type, byte[] data)
    {
        var head = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(head, data.Length);
        Encoding.ASCII.GetBytes(type, head.AsSpan(4));
        var check = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(check, Crc([.. head[4..], .. data]));
        _file.AddRange(head);
        _file.AddRange(data);
        _file.AddRange(check);
        return this;
    }

    /// <summary>Rows as they are, each behind its filter byte.</summary>
    public PngBuilder Pixels(byte[] rows) => Chunk("IDAT", Deflate(rows));

    public byte[] End()
    {
        Chunk("IEND", []);
        return [.. _file];
    }

    public static byte[] Deflate(byte[] data)
    {
        var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Optimal))
        {
            deflate.Write(data);
        }

        return packed.ToArray();
    }

    /// <summary>That many zero bytes, packed without ever lying in memory.</summary>
    public static byte[] DeflateZeros(long count)
    {
        var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Optimal))
        {
            var zeros = new byte[1 << 20];
            for (var left = count; left > 0; left -= zeros.Length)
            {
                deflate.Write(zeros.AsSpan(0, (int)Math.Min(left, zeros.Length)));
            }
        }

        return packed.ToArray();
    }

    private static uint Crc(byte[] data)
    {
        var crc = 0xFFFFFFFF;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
