namespace Palisade.Server.Demo;

/// <summary>What ordinary people and programs do to pictures on their way: smaller, warmer, mirrored.</summary>
public static class Alterations
{
    /// <summary>Scales by averaging all pixels that fall together (or repeats them, when the picture grows).</summary>
    public static Picture Resized(Picture picture, int width, int height)
    {
        var from = picture.Rgb;
        var rgb = new byte[width * height * 3];
        Parallel.For(0, height, row =>
        {
            var source = from.Span;
            var (top, bottom) = Reach(row, height, picture.Height);
            for (var column = 0; column < width; column++)
            {
                var (left, right) = Reach(column, width, picture.Width);
                for (var channel = 0; channel < 3; channel++)
                {
                    var sum = 0;
                    for (var y = top; y < bottom; y++)
                    {
                        for (var x = left; x < right; x++)
                        {
                            sum += source[(y * picture.Width + x) * 3 + channel];
                        }
                    }

                    rgb[(row * width + column) * 3 + channel] = (byte)(sum / ((bottom - top) * (right - left)));
                }
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

    /// <summary>Which source rows (or columns) fall into one of the result's.</summary>
    private static (int From, int To) Reach(int index, int count, int sourceCount)
    {
        var from = (int)((long)index * sourceCount / count);
        var to = (int)((long)(index + 1) * sourceCount / count);
        return (from, Math.Max(to, from + 1));
    }
}
