namespace Palisade.Decoder.Tests;

/// <summary>Writes flat grey JPEGs of any size by hand: every block is one or two bits of zeros.</summary>
internal static class JpegBuilder
{
    /// <summary>Baseline: a block is "no difference" and "end of block", two bits.</summary>
    public static byte[] Baseline(int width, int height) =>
    [
        .. Start(0xC0, width, height),
        .. Segment(0xC4, [0x00, .. OneCode]), .. Segment(0xC4, [0x10, .. OneCode]),
        .. Scan(0, 63, 0x00), .. new byte[(Blocks(width, height) / 4) + 1], 0xFF, 0xD9,
    ];

    /// <summary>Progressive: the first scan, then as many refinements of nothing as asked for.</summary>
    public static byte[] Progressive(int width, int height, int scans)
    {
        var file = new List<byte>([.. Start(0xC2, width, height), .. Segment(0xC4, [0x00, .. OneCode])]);
        var pixels = new byte[(Blocks(width, height) / 8) + 1];
        for (var scan = 0; scan < scans; scan++)
        {
            file.AddRange(Scan(0, 0, scan == 0 ? (byte)0x01 : (byte)0x10));
            file.AddRange(pixels);
        }

        file.AddRange([0xFF, 0xD9]);
        return [.. file];
    }

    /// <summary>Puts segments behind a file's first two bytes.</summary>
    public static byte[] With(byte[] file, IEnumerable<byte[]> segments) =>
        [.. file[..2], .. segments.SelectMany(segment => segment), .. file[2..]];

    public static byte[] Segment(byte marker, byte[] data) =>
        [0xFF, marker, (byte)((data.Length + 2) >> 8), (byte)(data.Length + 2), .. data];

    /// <summary>An EXIF segment that says nothing but how the picture should be turned.</summary>
    public static byte[] Orientation(byte orientation, bool isBigEndian = true) => Segment(
        0xE1,
        isBigEndian
            ? [.. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
            : [.. "Exif\0\0II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]);

    /// <summary>One code of one bit, for the value 0.</summary>
    private static byte[] OneCode => [1, .. new byte[15], 0];

    private static int Blocks(int width, int height) => (width + 7) / 8 * ((height + 7) / 8);

    private static byte[] Start(byte frame, int width, int height) =>
    [
        0xFF, 0xD8, .. Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]),
        .. Segment(frame, [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0]),
    ];

    private static byte[] Scan(byte first, byte last, byte bits) => Segment(0xDA, [1, 1, 0, first, last, bits]);
}
