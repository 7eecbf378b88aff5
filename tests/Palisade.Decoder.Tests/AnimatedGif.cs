namespace Palisade.Decoder.Tests;

/// <summary>Writes GIF89a by hand, with frames that cover the whole canvas.</summary>
internal static class AnimatedGif
{
    /// <summary>Each frame shows blocks of its own, so that no two frames look alike.</summary>
    public static byte[] Draw(int frames, int width, int height)
    {
        var file = new List<byte>();
        file.AddRange(Screen(width, height));
        for (var frame = 0; frame < frames; frame++)
        {
            file.AddRange(Frame(frame, top: 0, width, height));
        }

        file.Add(0x3B);
        return [.. file];
    }

    /// <summary>One whole frame, and then patches of a thirteenth of the height, each lower than the one before.</summary>
    public static byte[] DrawPatches(int frames, int width, int height)
    {
        var patch = height / 13;
        return
        [
            .. Screen(width, height),
            .. Frame(0, top: 0, width, height),
            .. Enumerable.Range(1, frames - 1).SelectMany(frame => Frame(frame, frame % 13 * patch, width, patch)),
            0x3B,
        ];
    }

    /// <summary>A header and a screen of 128 greys, for files that go on as they like.</summary>
    public static byte[] Screen(int width, int height)
    {
        var palette = Enumerable.Range(0, 128).SelectMany(i => Enumerable.Repeat((byte)(i * 2), 3));
        return [.. "GIF89a"u8, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0xF6, 0, 0, .. palette];
    }

    private static byte[] Frame(int frame, int top, int width, int height) =>
    [
        0x2C, 0, 0, (byte)top, (byte)(top >> 8),
        (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0,
        .. Pixels(frame, width, height),
    ];

    /// <summary>
    /// Uncompressed LZW: 8-bit codes, each a pixel of 7 bits, with a clear code often enough that codes never grow.
    /// </summary>
    private static List<byte> Pixels(int frame, int width, int height)
    {
        const byte clear = 0x80, end = 0x81;
        var codes = new List<byte>();
        for (var i = 0; i < width * height; i++)
        {
            if (i % 120 == 0)
            {
                codes.Add(clear);
            }

            var (cellX, cellY) = (i % width * 8 / width, i / width * 8 / height);
            codes.Add(Shade(frame, cellX, cellY));
        }

        codes.Add(end);
        var blocks = new List<byte> { 7 };
        foreach (var block in codes.Chunk(255))
        {
            blocks.Add((byte)block.Length);
            blocks.AddRange(block);
        }

        blocks.Add(0);
        return blocks;
    }

    private static byte Shade(int frame, int x, int y) =>
        (byte)(unchecked((((uint)frame + 1) * 2_654_435_761u ^ ((uint)((y * 8) + x + 1) * 40_503u)) * 2_246_822_519u) >> 25);
}
