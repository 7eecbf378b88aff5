using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>The points of an upload as one pass compares them: as they are, or all mirrored.</summary>
/// <remarks>
/// Mirroring needs no second extraction: x counts from the right edge, the angle from the other side, and the code's terms
/// of odd v change their sign. Least certain bits stay the same, since the medians of odd v are 0.
/// </remarks>
internal sealed class QuerySide
{
    /// <summary>Pixels along a cell of the grid by which near points are found.</summary>
    private const int CellPixels = 16;

    private const int MostCells = (QuerySideLongest / CellPixels) + 2;
    private const int QuerySideLongest = 640;

    private readonly int[] _cellStarts = new int[(MostCells * MostCells) + 1];
    private readonly short[] _inCells = new short[RegionQuery.MostPoints];
    private int _columns;
    private int _rows;

    public int Count { get; private set; }

    public double Diagonal { get; private set; }

    public float[] X { get; } = new float[RegionQuery.MostPoints];

    public float[] Y { get; } = new float[RegionQuery.MostPoints];

    /// <summary>Logarithms to base 2.</summary>
    public float[] LogSigma { get; } = new float[RegionQuery.MostPoints];

    public float[] Sigma { get; } = new float[RegionQuery.MostPoints];

    public float[] Angle { get; } = new float[RegionQuery.MostPoints];

    public (double Sin, double Cos)[] Turn { get; } = new (double, double)[RegionQuery.MostPoints];

    public ulong[] Code { get; } = new ulong[RegionQuery.MostPoints];

    public uint[] WeakKeyBits { get; } = new uint[RegionQuery.MostPoints];

    public void Take(RegionQuery query, bool isMirrored)
    {
        (Count, Diagonal) = (query.Count, query.Frame.Diagonal);
        for (var at = 0; at < Count; at++)
        {
            ref readonly var point = ref query.Points[at];
            X[at] = isMirrored ? query.Frame.Width - 1 - point.X : point.X;
            Y[at] = point.Y;
            Sigma[at] = point.Sigma;
            LogSigma[at] = (float)PlainMath.Log2(point.Sigma);
            Angle[at] = isMirrored ? MathF.PI - point.Angle : point.Angle;
            Turn[at] = PlainMath.SinCos(Angle[at]);
            Code[at] = isMirrored ? point.Code ^ PatchCode.MirrorBits : point.Code;
            WeakKeyBits[at] = point.WeakKeyBits;
        }

        MakeGrid(query.Frame.Width, query.Frame.Height);
    }

    /// <summary>The cells that hold every point within a distance of a place; none where that is outside.</summary>
    public CellRange Near(double x, double y, double distance) => new(
        Math.Max(0, (int)Math.Floor((x - distance) / CellPixels)),
        Math.Min(_columns - 1, (int)Math.Floor((x + distance) / CellPixels)),
        Math.Max(0, (int)Math.Floor((y - distance) / CellPixels)),
        Math.Min(_rows - 1, (int)Math.Floor((y + distance) / CellPixels)));

    /// <summary>The points of neighbouring cells of one row, in no particular order.</summary>
    public ReadOnlySpan<short> InCells(int row, int left, int right) =>
        right < left ? [] : _inCells.AsSpan(_cellStarts[(row * _columns) + left].._cellStarts[(row * _columns) + right + 1]);

    private void MakeGrid(int width, int height)
    {
        (_columns, _rows) = ((width / CellPixels) + 1, (height / CellPixels) + 1);
        var starts = _cellStarts.AsSpan(0, (_columns * _rows) + 1);
        starts.Clear();
        for (var at = 0; at < Count; at++)
        {
            starts[CellOf(at)]++;
        }

        for (var cell = 1; cell < starts.Length; cell++)
        {
            starts[cell] += starts[cell - 1];
        }

        for (var at = Count - 1; at >= 0; at--)
        {
            _inCells[--starts[CellOf(at)]] = (short)at;
        }
    }

    private int CellOf(int at) =>
        (Math.Clamp((int)(Y[at] / CellPixels), 0, _rows - 1) * _columns) +
            Math.Clamp((int)(X[at] / CellPixels), 0, _columns - 1);

    /// <summary>Cells from left to right and top to bottom, the last ones included.</summary>
    public readonly record struct CellRange(int Left, int Right, int Top, int Bottom);
}
