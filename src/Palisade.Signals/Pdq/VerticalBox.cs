
namespace Palisade.Signals.Pdq;

/// <summary>
/// A running box filter along the columns of a picture whose rows arrive in strips, top to bottom.
/// </summary>
/// <remarks>
/// Every row moves all columns' sums on by one. An output lags behind the row that completes its window, and after
/// the last row the rest follow, from windows that only shrink.
/// </remarks>
internal sealed class VerticalBox(bool useVectors)
{
    private const int StripRows = BoxDecimator.StripRows;

    private float[] _ring = [];
    private float[] _sums = [];
    private readonly bool _useVectors = useVectors;
    private BoxWindow _window;
    private int _columns;
    private int _ringRows;
    private int _added;
    private int _step;

    /// <summary>Where the next strip of eight rows goes, each <c>columns</c> long.</summary>
    public Span<float> NextStrip => _ring.AsSpan(_added % _ringRows * _columns, StripRows * _columns);

    /// <summary>Whether the rows so far complete another output.</summary>
    public bool HasOutput => NextOutput < _window.Length && (_step < _added || _added == _window.Length);

    /// <summary>The row number of the output that the next step gives.</summary>
    public int NextOutput => _step - _window.Reach + 1;

    public void Begin(int columns, int height)
    {
        _window = BoxWindow.For(height);
        _columns = columns;

        // The window's rows must outlast the strip that is written while they leave.
        _ringRows = ((_window.Size + StripRows - 1) / StripRows * StripRows) + StripRows;
        Scratch.Reserve(ref _ring, _ringRows * columns);
        Scratch.Reserve(ref _sums, columns);
        _sums.AsSpan(0, columns).Clear();
        (_added, _step) = (0, 0);
    }

    /// <summary>Takes the rows that were written into <see cref="NextStrip"/>.</summary>
    public void AddStrip(int rows)
    {
        _added += rows;
        while (NextOutput < 0 && _step < _added)
        {
            Skip();
        }
    }

    /// <summary>Moves the sums on by one row without an output.</summary>
    public void Skip() => Step([]);

    /// <summary>Moves the sums on by one row and writes the means of the output's windows.</summary>
    public void Step(Span<float> means)
    {
        var sums = _sums.AsSpan(0, _columns);
        if (_step < _window.Length)
        {
            Add(sums, Row(_step));
        }

        if (_step >= _window.Size)
        {
            Subtract(sums, Row(_step - _window.Size));
        }

        if (!means.IsEmpty)
        {
            Divide(sums, _window.CountAt(NextOutput), means);
        }

        _step++;
    }

    private ReadOnlySpan<float> Row(int row) => _ring.AsSpan(row % _ringRows * _columns, _columns);

    private static void Add(Span<float> sums, ReadOnlySpan<float> entering)
    {
        for (var column = 0; column < sums.Length; column++)
        {
            sums[column] += entering[column];
        }
    }

    private static void Subtract(Span<float> sums, ReadOnlySpan<float> leaving)
    {
        for (var column = 0; column < sums.Length; column++)
        {
            sums[column] -= leaving[column];
        }
    }

    private static void Divide(ReadOnlySpan<float> sums, float count, Span<float> means)
    {
        for (var column = 0; column < sums.Length; column++)
        {
            means[column] = sums[column] / count;
        }
    }
}
