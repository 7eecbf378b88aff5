namespace Palisade.Signals.Regions;

/// <summary>Tells where a picture is made of squares of one shade each.</summary>
/// <remarks>
/// In mosaic nearly all differences between neighbours stand at the edges of its squares: in columns and in rows of one and
/// the same spacing. Looked for in windows of 64 x 64 pixels, for squares of 8 to about 24: larger ones show too few edges.
/// </remarks>
internal sealed class MosaicSense
{
    private const int TilePixels = 16;
    private const int WindowTiles = 4;
    private const int Window = TilePixels * WindowTiles;
    private const int LeastSpacing = 8;
    private const int MostSpacing = 30;

    /// <summary>The share of all differences that stands within a pixel of the squares' edges, from which on it is mosaic.</summary>
    private const double LeastShare = 0.8;

    /// <summary>Each edge has at least this share of what edges have on average; else they are edges of something else.</summary>
    private const double LeastOfEach = 0.1;

    /// <summary>Mean difference of neighbours, in steps of luma, below which a window is even ground.</summary>
    private const double LeastDifference = 1;

    private readonly int[] _columns = new int[Window - 1];
    private readonly int[] _rows = new int[Window - 1];
    private bool[] _isMosaic = [];
    private int _across;
    private int _down;

    public void Look(ReadOnlySpan<byte> luma, int width, int height)
    {
        _across = Math.Max(0, (width / TilePixels) - WindowTiles + 1);
        _down = Math.Max(0, (height / TilePixels) - WindowTiles + 1);
        if (_isMosaic.Length < _across * _down)
        {
            _isMosaic = new bool[_across * _down];
        }

        for (var tile = 0; tile < _across * _down; tile++)
        {
            _isMosaic[tile] = IsMosaic(luma, width, tile % _across * TilePixels, tile / _across * TilePixels);
        }
    }

    /// <summary>Whether a window around a pixel, within a tile of its middle, is mosaic.</summary>
    public bool IsMosaicAt(double x, double y)
    {
        var column = (int)Math.Floor(x / TilePixels) - (WindowTiles / 2);
        var row = (int)Math.Floor(y / TilePixels) - (WindowTiles / 2);
        for (var nearRow = Math.Max(0, row); nearRow <= Math.Min(_down - 1, row + 1); nearRow++)
        {
            for (var nearColumn = Math.Max(0, column); nearColumn <= Math.Min(_across - 1, column + 1); nearColumn++)
            {
                if (_isMosaic[(nearRow * _across) + nearColumn])
                {
                    return true;
                }
            }
        }

        return false;
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

        if (Math.Min(_columns.Sum(), _rows.Sum()) < LeastDifference * Window * Window)
        {
            return false;
        }

        for (var spacing = LeastSpacing; spacing <= MostSpacing; spacing++)
        {
            if (HasEdges(_columns, spacing) && HasEdges(_rows, spacing))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasEdges(int[] differences, int spacing)
    {
        var all = differences.Sum();
        for (var first = 0; first < spacing; first++)
        {
            var (caught, edges, least) = (0, 0, int.MaxValue);
            for (var edge = first; edge < differences.Length; edge += spacing)
            {
                var here = differences[edge] + (edge > 0 ? differences[edge - 1] : 0) +
                    (edge + 1 < differences.Length ? differences[edge + 1] : 0);
                (caught, edges, least) = (caught + here, edges + 1, Math.Min(least, here));
            }

            if (caught >= LeastShare * all && least >= LeastOfEach * caught / edges)
            {
                return true;
            }
        }

        return false;
    }
}
