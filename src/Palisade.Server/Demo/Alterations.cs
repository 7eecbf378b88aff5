using System.Numerics;

namespace Palisade.Server.Demo;

/// <summary>What ordinary people and programs do to pictures on their way: smaller, warmer, mirrored.</summary>
public static class Alterations
{
    /// <summary>Scales down (or up) by averaging what falls into each new pixel, each old one by the share that does.</summary>
    public static Picture Resized(Picture picture, int width, int height)
    {
        var columns = Shares(picture.Width, width);
        var rows = Shares(picture.Height, height);
        var rgb = new byte[width * height * 3];
        Parallel.For(0, height, row =>
        {
            var source = picture.Rgb.Span;
            for (var column = 0; column < width; column++)
            {
                var sum = Vector3.Zero;
                foreach (var (y, down) in rows[row])
                {
                    foreach (var (x, across) in columns[column])
                    {
                        var pixel = source.Slice((y * picture.Width + x) * 3, 3);
                        sum += new Vector3(pixel[0], pixel[1], pixel[2]) * (down * across);
                    }
                }

                var target = rgb.AsSpan((row * width + column) * 3, 3);
                target[0] = (byte)(sum.X + 0.5f);
                target[1] = (byte)(sum.Y + 0.5f);
                target[2] = (byte)(sum.Z + 0.5f);
            }
        });
        return new Picture(width, height, rgb);
    }

    /// <summary>As a filter of a phone does it: warmer, a little paler, with softer blacks.</summary>
    public static Picture Recoloured(Picture picture)
    {
        var rgb = picture.Rgb.ToArray();
        for (var at = 0; at < rgb.Length; at += 3)
        {
            var (red, green, blue) = ((float)rgb[at], (float)rgb[at + 1], (float)rgb[at + 2]);
            var grey = 0.299f * red + 0.587f * green + 0.114f * blue;
            rgb[at] = Toned(0.65f * red + 0.35f * grey, 1.06f, 22f);
            rgb[at + 1] = Toned(0.65f * green + 0.35f * grey, 0.98f, 14f);
            rgb[at + 2] = Toned(0.65f * blue + 0.35f * grey, 0.82f, 8f);
        }

        return picture with { Rgb = rgb };

        static byte Toned(float value, float gain, float lift) =>
            (byte)Math.Clamp(lift + value * gain * (1f - lift / 255f), 0f, 255f);
    }

    /// <summary>Left becomes right.</summary>
    public static Picture Mirrored(Picture picture)
    {
        var source = picture.Rgb.Span;
        var rgb = new byte[source.Length];
        for (var row = 0; row < picture.Height; row++)
        {
            for (var column = 0; column < picture.Width; column++)
            {
                source.Slice((row * picture.Width + picture.Width - 1 - column) * 3, 3)
                    .CopyTo(rgb.AsSpan((row * picture.Width + column) * 3));
            }
        }

        return picture with { Rgb = rgb };
    }

    /// <summary>For each new row (or column) the old ones that fall into it, with shares that add up to one.</summary>
    private static (int Index, float Share)[][] Shares(int from, int to)
    {
        var size = (float)from / to;
        var shares = new (int, float)[to][];
        for (var index = 0; index < to; index++)
        {
            var (start, end) = (index * size, (index + 1) * size);
            var last = Math.Min(from - 1, (int)MathF.Ceiling(end) - 1);
            shares[index] =
            [
                .. Enumerable.Range((int)start, last - (int)start + 1)
                    .Select(old => (old, (Math.Min(end, old + 1) - Math.Max(start, old)) / size)),
            ];
        }

        return shares;
    }
}
