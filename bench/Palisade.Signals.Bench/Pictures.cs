namespace Palisade.Signals.Bench;

/// <summary>Benign pictures from formulas: shaded hills with patches and some grain.</summary>
internal static class Pictures
{
    public static byte[] Draw(int width, int height, int bands) => DrawScene(width, height, 7, bands);

    public static byte[] DrawScene(int width, int height, int seed, int bands = 1)
    {
        var random = new Random(seed);
        var waves = Enumerable.Range(0, 12).Select(_ => (
            Across: random.NextSingle() * 40 / width,
            Down: random.NextSingle() * 40 / height,
            Phase: random.NextSingle() * 6,
            Height: 4 + (random.NextSingle() * 20))).ToArray();
        var pixels = new byte[width * height * bands];
        random.NextBytes(pixels);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var sum = 110f + (((x * 9 / width) ^ (y * 7 / height)) * 5);
                foreach (var wave in waves)
                {
                    sum += wave.Height * MathF.Sin((wave.Across * x) + (wave.Down * y) + wave.Phase);
                }

                for (var band = 0; band < bands; band++)
                {
                    ref var pixel = ref pixels[(((y * width) + x) * bands) + band];
                    pixel = (byte)Math.Clamp(sum + (band * 9) + (pixel / 16), 0, 255);
                }
            }
        }

        return pixels;
    }
}
