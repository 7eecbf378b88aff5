namespace Palisade.Signals.Tests.Pdq;

/// <summary>Pictures of 512 x 512 bytes of luma of many kinds, each from its number.</summary>
internal static class LumaPictures
{
    private const int Side = 512;

    public static void Draw(byte[] luma, int seed)
    {
        var random = new Random(seed);
        switch (seed % 4)
        {
            case 0:
                DrawWaves(luma, random, noise: 0);
                break;
            case 1:
                DrawWaves(luma, random, noise: 1 + random.Next(40));
                break;
            case 2:
                DrawPatches(luma, random);
                break;
            default:
                random.NextBytes(luma);
                break;
        }
    }

    /// <summary>Noise that grows from a dark shade at the left to the brightest shade at the right, in steps or evenly.</summary>
    public static void DrawBrightening(byte[] luma, int seed)
    {
        var random = new Random(seed);
        var steps = 1 + random.Next(9);
        random.NextBytes(luma);
        for (var at = 0; at < luma.Length; at++)
        {
            var grown = seed % 2 == 0 ? at % Side / (float)Side : at % Side * steps / Side / (float)steps;
            var reach = 12 + (grown * 243);
            luma[at] = (byte)(reach - (luma[at] * reach / 512));
        }
    }

    /// <summary>A sum of slanted waves, as smooth pictures are, with or without grain.</summary>
    private static void DrawWaves(byte[] luma, Random random, int noise)
    {
        const int Waves = 4;
        Span<float> columns = stackalloc float[Waves * Side];
        Span<float> rows = stackalloc float[Waves * Side];
        for (var wave = 0; wave < Waves; wave++)
        {
            var (across, down) = (random.NextSingle() * 0.08f, random.NextSingle() * 0.08f);
            var height = 10 + (random.NextSingle() * 40);
            for (var at = 0; at < Side; at++)
            {
                columns[(wave * Side) + at] = MathF.Sin(across * at) * height;
                rows[(wave * Side) + at] = MathF.Cos(down * at);
            }
        }

        var middle = 60 + random.Next(140);
        var grain = new byte[luma.Length];
        random.NextBytes(grain);
        for (var at = 0; at < luma.Length; at++)
        {
            var (x, y) = (at % Side, at / Side);
            var sum = middle + (grain[at] * noise / 255f);
            for (var wave = 0; wave < Waves; wave++)
            {
                sum += columns[(wave * Side) + x] * rows[(wave * Side) + y];
            }

            luma[at] = (byte)Math.Clamp(sum, 0, 255);
        }
    }

    /// <summary>Overlapping rectangles of one shade each.</summary>
    private static void DrawPatches(byte[] luma, Random random)
    {
        luma.AsSpan().Fill((byte)random.Next(256));
        for (var patch = 0; patch < 24; patch++)
        {
            var (left, top) = (random.Next(Side - 1), random.Next(Side - 1));
            var (width, height) = (random.Next(1, Side - left), random.Next(1, Side - top));
            var shade = (byte)random.Next(256);
            for (var y = top; y < top + height; y++)
            {
                luma.AsSpan((y * Side) + left, width).Fill(shade);
            }
        }
    }
}
