using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Pdq;

/// <summary>A running box filter along the rows of a picture, eight rows at a time.</summary>
/// <remarks>
/// A running sum is a chain that one row cannot hurry. With vectors, each lane carries another row's chain: blocks of
/// 8 x 8 samples are transposed on the way in and back on the way out, and each lane rounds as a single row would.
/// </remarks>
internal sealed class HorizontalBox(bool useVectors)
{
    private const int StripRows = BoxDecimator.StripRows;

    // The strip transposed: eight lanes for each column.
    private float[] _lanes = [];
    private BoxWindow _window;
    private int _stride;

    /// <summary>
    /// The distance from one row of a strip to the next, in samples: the width to whole vectors, and an odd number of
    /// cache lines, so that the rows of a strip never fight for the same lines.
    /// </summary>
    public static int StrideOf(int width) => (checked(width + 31) / 32 * 32) + 16;

    public void Begin(int width)
    {
        _window = BoxWindow.For(width);
        _stride = StrideOf(width);
        if (useVectors)
        {
            Scratch.Reserve(ref _lanes, StripRows * _stride);
        }
    }

    /// <summary>Filters every sample of a strip.</summary>
    public void Filter(ReadOnlySpan<float> strip, Span<float> means)
    {
        if (useVectors)
        {
            FilterLanes(strip, means);
            return;
        }

        for (var row = 0; row < StripRows; row++)
        {
            var samples = strip.Slice(row * _stride, _window.Length);
            var sum = 0f;
            for (var step = 0; step < _window.Length + _window.Reach - 1; step++)
            {
                sum = Move(samples, step, sum);
                var output = step - _window.Reach + 1;
                if (output >= 0)
                {
                    means[(row * _stride) + output] = sum / _window.CountAt(output);
                }
            }
        }
    }

    /// <summary>Filters a strip, keeping only the outputs in some columns, in rising order.</summary>
    public void FilterAt(ReadOnlySpan<int> columns, ReadOnlySpan<float> strip, Span<float> means)
    {
        if (useVectors)
        {
            FilterLanesAt(columns, strip, means);
            return;
        }

        for (var row = 0; row < StripRows; row++)
        {
            var samples = strip.Slice(row * _stride, _window.Length);
            var sum = 0f;
            var step = 0;
            for (var column = 0; column < columns.Length; column++)
            {
                for (; step < columns[column] + _window.Reach; step++)
                {
                    sum = Move(samples, step, sum);
                }

                means[(row * columns.Length) + column] = sum / _window.CountAt(columns[column]);
            }
        }
    }

    /// <summary>Adds the entering sample, then subtracts the leaving one: the reference's order of rounding.</summary>
    private float Move(ReadOnlySpan<float> samples, int step, float sum)
    {
        if (step < _window.Length)
        {
            sum += samples[step];
        }

        return step >= _window.Size ? sum - samples[step - _window.Size] : sum;
    }

    private void FilterLanes(ReadOnlySpan<float> strip, Span<float> means)
    {
        var lanes = ReadLanes(strip);
        Span<float> block = stackalloc float[StripRows * StripRows];
        var outputs = MemoryMarshal.Cast<float, Vector256<float>>(block);
        var sum = MoveLanes(lanes, Vector256<float>.Zero, 0, _window.Reach - 1);
        var whole = Vector256.Create((float)_window.Size);
        for (var first = 0; first < _window.Length; first += StripRows)
        {
            var step = first + _window.Reach - 1;
            if (step >= _window.Size && step + StripRows <= _window.Length)
            {
                var entering = lanes.Slice(step, StripRows);
                var leaving = lanes.Slice(step - _window.Size, StripRows);
                for (var at = 0; at < StripRows; at++)
                {
                    sum = sum + entering[at] - leaving[at];
                    outputs[at] = sum / whole;
                }
            }
            else
            {
                for (var at = 0; at < outputs.Length && first + at < _window.Length; at++)
                {
                    sum = MoveLanes(lanes, sum, step + at, step + at + 1);
                    outputs[at] = sum / Vector256.Create((float)_window.CountAt(first + at));
                }
            }

            Transposition.Transpose(block, StripRows, means[first..], _stride);
        }
    }

    private void FilterLanesAt(ReadOnlySpan<int> columns, ReadOnlySpan<float> strip, Span<float> means)
    {
        var lanes = ReadLanes(strip);
        Span<float> block = stackalloc float[StripRows * StripRows];
        var outputs = MemoryMarshal.Cast<float, Vector256<float>>(block);
        var sum = Vector256<float>.Zero;
        var step = 0;
        for (var first = 0; first < columns.Length; first += StripRows)
        {
            for (var at = 0; at < outputs.Length; at++)
            {
                var column = columns[first + at];
                sum = MoveLanes(lanes, sum, step, column + _window.Reach);
                step = Math.Max(step, column + _window.Reach);
                outputs[at] = sum / Vector256.Create((float)_window.CountAt(column));
            }

            Transposition.Transpose(block, StripRows, means[first..], columns.Length);
        }
    }

    private Vector256<float> MoveLanes(
        ReadOnlySpan<Vector256<float>> lanes, Vector256<float> sum, int step, int end)
    {
        if (step >= _window.Size && step < end && end <= _window.Length)
        {
            // Away from the borders, which is where the time goes.
            var entering = lanes[step..end];
            var leaving = lanes.Slice(step - _window.Size, entering.Length);
            for (var at = 0; at < entering.Length; at++)
            {
                sum = sum + entering[at] - leaving[at];
            }

            return sum;
        }

        for (; step < end; step++)
        {
            sum = step < _window.Length ? sum + lanes[step] : sum;
            sum = step >= _window.Size ? sum - lanes[step - _window.Size] : sum;
        }

        return sum;
    }

    private ReadOnlySpan<Vector256<float>> ReadLanes(ReadOnlySpan<float> strip)
    {
        for (var column = 0; column < _stride; column += StripRows)
        {
            Transposition.Transpose(strip[column..], _stride, _lanes.AsSpan(column * StripRows), StripRows);
        }

        return MemoryMarshal.Cast<float, Vector256<float>>(_lanes.AsSpan(0, StripRows * _stride));
    }
}
