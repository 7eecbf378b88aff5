namespace Palisade.Signals.Tests.Pdq;

/// <summary>Pictures made by whole-number arithmetic alone, so that every machine makes the same ones.</summary>
internal static class GeneratedPictures
{
    public static readonly IReadOnlyList<(string Pattern, int Width, int Height)> All =
    [
        ("hills", 512, 512), ("hills", 640, 360), ("hills", 1021, 769), ("hills", 64, 64), ("hills", 5, 5),
        ("hills", 130, 66), ("hills", 3000, 20), ("hills", 20, 3000), ("hills", 513, 512), ("hills", 127, 129),
        ("tiles", 640, 360), ("tiles", 333, 777), ("tiles", 1024, 1024), ("tiles", 63, 65),
        ("noise", 300, 200), ("noise", 1500, 1004), ("ramp", 320, 240), ("ramp", 700, 513),
        ("flat", 200, 150), ("hills", 4, 400), ("hills", 400, 4),
        ("mist", 333, 250), ("mist", 1200, 800),
    ];

    /// <summary>Packed 8-bit RGB.</summary>
    public static byte[] Draw(string pattern, int width, int height)
    {
        var rgb = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                for (var band = 0; band < 3; band++)
                {
                    rgb[(((y * width) + x) * 3) + band] = (byte)Sample(pattern, x, y, band, width, height);
                }
            }
        }

        return rgb;
    }

    private static int Sample(string pattern, int x, int y, int band, int width, int height) => pattern switch
    {
        // Triangle waves of unlike lengths, across, down and aslant, each of up to 85.
        "hills" => Triangle((x * 997 / width) + (band * 40), 390) + Triangle((y * 991 / height) + (band * 15), 270) +
            Triangle((x * 613 / width) + (y * 383 / height), 170 + (band * 60)),
        "mist" => 80 + (Sample("hills", x, y, band, width, height) / 3),
        "tiles" => (((x * 9 / width) ^ (y * 7 / height)) * (37 + (band * 11))) & 0xFF,
        "noise" => (int)(Scatter((uint)(((y * width) + x) * 3) + (uint)band) >> 24),
        "ramp" => ((x * 255 / width) + (y * 255 / height * (band + 1))) / (band + 2),
        "flat" => 90 + (band * 20),
        _ => throw new ArgumentOutOfRangeException(nameof(pattern)),
    };

    private static int Triangle(int at, int length) => Math.Abs(((at % length) * 170 / length) - 85);

    private static uint Scatter(uint value)
    {
        value = (value ^ (value >> 16)) * 0x7FEB352D;
        value = (value ^ (value >> 15)) * 0x846CA68B;
        return value ^ (value >> 16);
    }
}
