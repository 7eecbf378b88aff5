namespace Palisade.Signals.Regions;

/// <summary>What is left of a picture without its uniform borders, in pixels; right and bottom are one beyond the last.</summary>
public readonly record struct TrimBox(int Left, int Top, int Right, int Bottom)
{
    /// <summary>The largest difference between two pixels of a row or column that still counts as border.</summary>
    private const int MostRange = 16;

    public int Width => Right - Left;

    public int Height => Bottom - Top;

    /// <summary>
    /// Drops uniform rows, then columns, then rows again, at most 45 % at each side; all stays when under a quarter of
    /// the width or height would be left.
    /// </summary>
    internal static TrimBox Of(LumaPicture picture)
    {
        var whole = new TrimBox(0, 0, picture.Width, picture.Height);
        var box = whole.WithoutRows(picture).WithoutColumns(picture).WithoutRows(picture);
        return box.Width * 4 < whole.Width || box.Height * 4 < whole.Height ? whole : box;
    }

    private TrimBox WithoutRows(LumaPicture picture)
    {
        var most = (int)(0.45 * picture.Height);
        var (top, bottom) = (Top, Bottom);
        while (top < most && top < bottom - 1 && IsBorderRow(picture, top))
        {
            top++;
        }

        while (picture.Height - bottom < most && bottom > top + 1 && IsBorderRow(picture, bottom - 1))
        {
            bottom--;
        }

        return this with { Top = top, Bottom = bottom };
    }

    private TrimBox WithoutColumns(LumaPicture picture)
    {
        var most = (int)(0.45 * picture.Width);
        var (left, right) = (Left, Right);
        while (left < most && left < right - 1 && IsBorderColumn(picture, left))
        {
            left++;
        }

        while (picture.Width - right < most && right > left + 1 && IsBorderColumn(picture, right - 1))
        {
            right--;
        }

        return this with { Left = left, Right = right };
    }

    private bool IsBorderRow(LumaPicture picture, int y)
    {
        var (least, most) = (byte.MaxValue, byte.MinValue);
        foreach (var pixel in picture.Row(y)[Left..Right])
        {
            (least, most) = (Math.Min(least, pixel), Math.Max(most, pixel));
        }

        return most - least <= MostRange;
    }

    private bool IsBorderColumn(LumaPicture picture, int x)
    {
        var (least, most) = (byte.MaxValue, byte.MinValue);
        for (var y = Top; y < Bottom; y++)
        {
            var pixel = picture.Row(y)[x];
            (least, most) = (Math.Min(least, pixel), Math.Max(most, pixel));
        }

        return most - least <= MostRange;
    }
}
