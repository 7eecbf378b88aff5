namespace Palisade.Signals.Regions;

/// <summary>Tells where a picture is made of squares of one shade each.</summary>
/// <remarks>
/// In mosaic all differences between neighbours stand in a few columns and a few rows, the edges of its squares; in an
/// ordinary picture they are spread over all. Looked for in windows of 48 x 48 pixels, so squares of up to about 24.
/// </remarks>
internal sealed class MosaicSense
{
    private const int TilePixels = 16;
    private const int WindowTiles = 3;
    private const int Window = TilePixels * WindowTiles;

    /// <summary>The share of a window's columns, and rows, that are looked at for its differences: the strongest.</summary>
    private const int Strongest = Window / 4;

    /// <summary>From this share of all differences on that the strongest have, in both directions, it is mosaic.</summary>
    private const float LeastShare = 0.8f;

    /// <summary>Mean difference of neighbours, in steps of luma, below which a window is even ground.</summary>
    private const float LeastDifference = 1.5f;

    private readonly int[] _columns = new int[Window];
    private readonly int[] _rows = new int[Window];
    private bool[] _isMosaic = [];
    private int _across;
    private int _down;

    public void Look(ReadOnlySpan<byte> luma, int width, int height)
    {
        (_across, _down) = (Math.Max(0, (width / TilePixels) - WindowTiles + 1), Math.Max(0, (height / TilePixels) - WindowTiles + 1));
        if (_isMosaic.Length < _across * _down)
        {
            _isMosaic = new bool[_across * _down];
        }

        for (var tile = 0; tile < _across * _down; tile++)
        {
            _isMosaic[tile] = IsMosaic(luma, width, tile % _across * TilePixels, tile / _across * TilePixels);
        }
    }

    /// <summary>Whether the window around a pixel is mosaic.</summary>
    public bool IsMosaicAt(double x, double y)
    {
        if (_across == 0 || _down == 0)
        {
            return false;
        }

        var column = Math.Clamp((int)(x / TilePixels) - (WindowTiles / 2), 0, _across - 1);
        var row = Math.Clamp((int)(y / TilePixels) - (WindowTiles / 2), 0, _down - 1);
        return _isMosaic[(row * _across) + column];
    }

    private bool IsMosaic(ReadOnlySpan<byte> luma, int width, int left, int top)
    {
        Array.Clear(_columns);
        Array.Clear(_rows);
        for (var y = 0; y < Window - 1; y++)
        {
            var row = luma.Slice(((top + y) * width) + left, Window);
            var below = luma.Slice(((top + y + 1) * width) + left, Window);
            for (var x = 0; x < Window - 1; x++)
            {
                _columns[x] += Math.Abs(row[x + 1] - row[x]);
                _rows[y] += Math.Abs(below[x] - row[x]);
            }
        }

        return IsConcentrated(_columns) && IsConcentrated(_rows);
    }

    private static bool IsConcentrated(int[] sums)
    {
        Array.Sort(sums);
        var (all, strongest) = (0, 0);
        for (var at = 0; at < sums.Length; at++)
        {
            all += sums[at];
            strongest += at >= sums.Length - Strongest ? sums[at] : 0;
        }

        return all >= LeastDifference * Window * Window && strongest >= LeastShare * all;
    }
}
