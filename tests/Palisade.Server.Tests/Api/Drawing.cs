namespace Palisade.Server.Tests.Api;

/// <summary>A benign picture made of soft waves and blocks, different for every seed and with enough in it for PDQ.</summary>
public sealed record Drawing(byte[] Rgb, int Width, int Height)
{
    public static Drawing Of(int seed, int width = 320, int height = 256)
    {
        var random = new Random(seed);
        var waves = Enumerable.Range(0, 6)
            .Select(_ => (X: random.NextDouble() * 14, Y: random.NextDouble() * 14, Phase: random.NextDouble() * 6, Channel: random.Next(3)))
            .ToList();
        var blocks = Enumerable.Range(0, 12)
            .Select(_ => (
                Left: random.Next(width), Top: random.Next(height), Wide: random.Next(20, 120), High: random.Next(20, 120),
                Red: random.Next(256), Green: random.Next(256), Blue: random.Next(256)))
            .ToList();
        return Paint(width, height, (x, y, rgb) =>
        {
            foreach (var wave in waves)
            {
                rgb[wave.Channel] += 40 * Math.Sin((wave.X * x / width) + (wave.Y * y / height) + wave.Phase);
            }

            foreach (var block in blocks)
            {
                if (x >= block.Left && x < block.Left + block.Wide && y >= block.Top && y < block.Top + block.High)
                {
                    (rgb[0], rgb[1], rgb[2]) = (block.Red, block.Green, block.Blue);
                }
            }
        });
    }

    /// <summary>One colour everywhere: nothing for a perceptual hash to hold on to.</summary>
    public static Drawing Flat(int width = 320, int height = 256) => Paint(width, height, (_, _, _) => { });

    /// <summary>Turned by 90 degrees counter-clockwise, as the orientation <c>rotate90</c>.</summary>
    public Drawing Turned()
    {
        var turned = new byte[Rgb.Length];
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                Rgb.AsSpan(3 * ((y * Width) + x), 3).CopyTo(turned.AsSpan(3 * (((Width - 1 - x) * Height) + y)));
            }
        }

        return new Drawing(turned, Height, Width);
    }

    /// <summary>Left becomes right.</summary>
    public Drawing Mirrored()
    {
        var mirrored = new byte[Rgb.Length];
        for (var pixel = 0; pixel < Width * Height; pixel++)
        {
            var column = pixel % Width;
            Rgb.AsSpan(3 * pixel, 3).CopyTo(mirrored.AsSpan(3 * (pixel - column + Width - 1 - column)));
        }

        return this with { Rgb = mirrored };
    }

    private static Drawing Paint(int width, int height, Action<int, int, double[]> paint)
    {
        var bytes = new byte[3 * width * height];
        var rgb = new double[3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                Array.Fill(rgb, 128);
                paint(x, y, rgb);
                for (var channel = 0; channel < 3; channel++)
                {
                    bytes[(3 * ((y * width) + x)) + channel] = (byte)Math.Clamp(rgb[channel], 0, 255);
                }
            }
        }

        return new Drawing(bytes, width, height);
    }
}
