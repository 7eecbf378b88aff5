using Palisade.Signals.Regions;

namespace Palisade.Signals.Tests.Regions;

/// <summary>Grey pictures of our own drawing: discs and bars on a slope, with enough texture to be told apart.</summary>
internal sealed class DrawnPictures
{
    private DrawnPictures(int width, int height)
    {
        (Width, Height, Luma) = (width, height, new byte[width * height]);
    }

    public int Width { get; }

    public int Height { get; }

    public byte[] Luma { get; }

    public static DrawnPictures Draw(int seed, int width = 480, int height = 360)
    {
#pragma warning disable RS0030 // A seeded generator draws the same picture every time.
        var random = new Random(seed);
#pragma warning restore RS0030
        var picture = new DrawnPictures(width, height);
        for (var at = 0; at < picture.Luma.Length; at++)
        {
            picture.Luma[at] = (byte)(60 + (100 * (at % width) / width));
        }

        for (var shape = 0; shape < 220; shape++)
        {
            var (x, y) = (random.Next(width), random.Next(height));
            var (across, down) = (random.Next(4, 34), random.Next(4, 34));
            var (shade, isBar) = ((byte)random.Next(20, 235), random.Next(3) == 0);
            picture.Fill(x, y, across, down, isBar, shade);
        }

        return picture;
    }

    public static DrawnPictures Flat(int width, int height, byte shade)
    {
        var picture = new DrawnPictures(width, height);
        picture.Luma.AsSpan().Fill(shade);
        return picture;
    }

    public DrawnPictures Mirrored()
    {
        var mirrored = new DrawnPictures(Width, Height);
        for (var at = 0; at < Luma.Length; at++)
        {
            mirrored.Luma[at] = Luma[(at / Width * Width) + Width - 1 - (at % Width)];
        }

        return mirrored;
    }

    /// <summary>Another picture's pixels in a rectangle.</summary>
    public DrawnPictures With(DrawnPictures other, int left, int top, int width, int height)
    {
        var changed = new DrawnPictures(Width, Height);
        Luma.CopyTo(changed.Luma, 0);
        for (var y = top; y < top + height; y++)
        {
            other.Luma.AsSpan((y * Width) + left, width).CopyTo(changed.Luma.AsSpan((y * Width) + left));
        }

        return changed;
    }

    public DrawnPictures Cropped(int left, int top, int width, int height)
    {
        var part = new DrawnPictures(width, height);
        for (var y = 0; y < height; y++)
        {
            Luma.AsSpan(((top + y) * Width) + left, width).CopyTo(part.Luma.AsSpan(y * width));
        }

        return part;
    }

    /// <summary>Squares of one shade each, as wide as told.</summary>
    public DrawnPictures WithMosaic(int left, int top, int width, int height, int square)
    {
        var changed = With(this, 0, 0, Width, Height);
        for (var y = top; y < top + height; y++)
        {
            for (var x = left; x < left + width; x++)
            {
                var (fromX, fromY) = (left + ((x - left) / square * square), top + ((y - top) / square * square));
                var sum = 0;
                for (var at = 0; at < square * square; at++)
                {
                    sum += Luma[(Math.Min(fromY + (at / square), Height - 1) * Width) + Math.Min(fromX + (at % square), Width - 1)];
                }

                changed.Luma[(y * Width) + x] = (byte)(sum / (square * square));
            }
        }

        return changed;
    }

    public void GiveTo(RegionExtractor extractor, int orientation = 1)
    {
        extractor.Begin(Width, Height);
        extractor.AddLumaRows(Luma);
        extractor.Finish(orientation);
    }

    public RegionCodes Enrol(RegionExtractor extractor, int points = RegionCodes.DefaultPoints)
    {
        GiveTo(extractor);
        return extractor.Enrol(points) ?? throw new InvalidOperationException("The drawing has too little texture.");
    }

    public RegionQuery Query(RegionExtractor extractor)
    {
        GiveTo(extractor);
        return extractor.Query();
    }

    private void Fill(int x, int y, int across, int down, bool isBar, byte shade)
    {
        for (var row = Math.Max(0, y - down); row < Math.Min(Height, y + down); row++)
        {
            for (var column = Math.Max(0, x - across); column < Math.Min(Width, x + across); column++)
            {
                var (dx, dy) = ((column - x) / (double)across, (row - y) / (double)down);
                if (isBar || (dx * dx) + (dy * dy) <= 1)
                {
                    Luma[(row * Width) + column] = shade;
                }
            }
        }
    }
}
