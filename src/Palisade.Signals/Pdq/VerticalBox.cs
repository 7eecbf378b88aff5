using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
        Scratch.Reserve(ref _ring, checked(_ringRows * columns));
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
        var entering = _step < _window.Length ? Row(_step) : [];
        var leaving = _step >= _window.Size ? Row(_step - _window.Size) : [];
        var count = _window.CountAt(NextOutput);
        var done = useVectors ? StepVectors(sums, entering, leaving, means, count) : 0;
        for (var column = done; column < sums.Length; column++)
        {
            var sum = sums[column];
            sum = entering.IsEmpty ? sum : sum + entering[column];
            sum = leaving.IsEmpty ? sum : sum - leaving[column];
            sums[column] = sum;
            if (!means.IsEmpty)
            {
                means[column] = sum / count;
            }
        }

        _step++;
    }

    /// <summary>Steps as many columns as fill whole vectors, and says how many.</summary>
    private static int StepVectors(
        Span<float> sums, ReadOnlySpan<float> entering, ReadOnlySpan<float> leaving, Span<float> means, int count)
    {
        const int Lanes = 8;
        var end = (nuint)(sums.Length / Lanes * Lanes);
        ref var sumStart = ref MemoryMarshal.GetReference(sums);
        ref var enteringStart = ref MemoryMarshal.GetReference(entering);
        ref var leavingStart = ref MemoryMarshal.GetReference(leaving);
        ref var meanStart = ref MemoryMarshal.GetReference(means);
        if (entering.Length >= sums.Length && leaving.Length >= sums.Length && means.Length >= sums.Length)
        {
            // Away from the borders, which is where the time goes.
            var division = new RoundedDivision(count);
            for (nuint at = 0; at < end; at += Lanes)
            {
                var sum = Vector256.LoadUnsafe(ref sumStart, at) + Vector256.LoadUnsafe(ref enteringStart, at) -
                    Vector256.LoadUnsafe(ref leavingStart, at);
                sum.StoreUnsafe(ref sumStart, at);
                division.Divide(sum).StoreUnsafe(ref meanStart, at);
            }

            return (int)end;
        }

        for (nuint at = 0; at < end; at += Lanes)
        {
            var sum = Vector256.LoadUnsafe(ref sumStart, at);
            sum = entering.IsEmpty ? sum : sum + Vector256.LoadUnsafe(ref enteringStart, at);
            sum = leaving.IsEmpty ? sum : sum - Vector256.LoadUnsafe(ref leavingStart, at);
            sum.StoreUnsafe(ref sumStart, at);
            if (!means.IsEmpty)
            {
                (sum / Vector256.Create((float)count)).StoreUnsafe(ref meanStart, at);
            }
        }

        return (int)end;
    }

    private ReadOnlySpan<float> Row(int row) => _ring.AsSpan(row % _ringRows * _columns, _columns);
}
