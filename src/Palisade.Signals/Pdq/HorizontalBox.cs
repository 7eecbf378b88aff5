using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Pdq;

/// <summary>A running box filter along rows of numbers, sixteen rows at a time.</summary>
/// <remarks>
/// A running sum is a chain that one row cannot hurry. With vectors, each lane carries another row's chain: blocks of
/// 8 x 8 samples are transposed on the way in and back on the way out, and each lane rounds as a single row would.
/// Two vectors go side by side, so that one adds while the other waits.
/// </remarks>
internal sealed class HorizontalBox(bool useVectors)
{
    private const int StripRows = BoxDecimator.StripRows;

    /// <summary>The side of a transposed block, and the lanes of a vector.</summary>
    private const int Block = 8;

    // The strip transposed: sixteen lanes for each column.
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

    /// <summary>Filters every sample of a strip, row by row.</summary>
    public void Filter(ReadOnlySpan<float> strip, Span<float> means)
    {
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

    private void FilterLanesAt(ReadOnlySpan<int> columns, ReadOnlySpan<float> strip, Span<float> means)
    {
        Span<float> outputs = stackalloc float[Block * StripRows];
        var sums = default(Sums);
        var (step, read) = (0, 0);
        for (var first = 0; first < columns.Length; first += Block)
        {
            for (var at = 0; at < Block; at++)
            {
                var column = columns[first + at];
                Move(strip, ref read, ref sums, step, column + _window.Reach);
                step = Math.Max(step, column + _window.Reach);
                sums.StoreMeans(ref outputs[0], (nuint)(at * StripRows), _window.CountAt(column));
            }

            WriteBack(outputs, means[first..], columns.Length);
        }
    }

    private void Move(ReadOnlySpan<float> strip, ref int read, ref Sums sums, int step, int end)
    {
        ReadLanes(strip, ref read, Math.Min(end, _window.Length));
        if (step >= _window.Size && step < end && end <= _window.Length)
        {
            // Away from the borders, which is where the time goes.
            ref var entering = ref _lanes[step * StripRows];
            ref var leaving = ref _lanes[(step - _window.Size) * StripRows];
            var moved = sums;
            for (nuint at = 0; at < (nuint)((end - step) * StripRows); at += StripRows)
            {
                moved.Move(ref entering, ref leaving, at);
            }

            sums = moved;
            return;
        }

        for (; step < end; step++)
        {
            if (step < _window.Length)
            {
                sums.Add(ref _lanes[step * StripRows]);
            }

            if (step >= _window.Size)
            {
                sums.Subtract(ref _lanes[(step - _window.Size) * StripRows]);
            }
        }
    }

    /// <summary>Transposes blocks of the strip until so many columns are read.</summary>
    private void ReadLanes(ReadOnlySpan<float> strip, ref int read, int end)
    {
        for (; read < end; read += Block)
        {
            var lanes = _lanes.AsSpan(read * StripRows);
            Transposition.Transpose(strip[read..], _stride, lanes, StripRows);
            Transposition.Transpose(strip[((Block * _stride) + read)..], _stride, lanes[Block..], StripRows);
        }
    }

    private static void WriteBack(ReadOnlySpan<float> outputs, Span<float> means, int stride)
    {
        Transposition.Transpose(outputs, StripRows, means, stride);
        Transposition.Transpose(outputs[Block..], StripRows, means[(Block * stride)..], stride);
    }

    /// <summary>The running sums of sixteen rows.</summary>
    private struct Sums
    {
        public Vector256<float> First;
        public Vector256<float> Second;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Move(ref float entering, ref float leaving, nuint at)
        {
            First = First + Vector256.LoadUnsafe(ref entering, at) - Vector256.LoadUnsafe(ref leaving, at);
            Second = Second + Vector256.LoadUnsafe(ref entering, at + Block) -
                Vector256.LoadUnsafe(ref leaving, at + Block);
        }

        public void Add(ref float entering)
        {
            First += Vector256.LoadUnsafe(ref entering);
            Second += Vector256.LoadUnsafe(ref entering, Block);
        }

        public void Subtract(ref float leaving)
        {
            First -= Vector256.LoadUnsafe(ref leaving);
            Second -= Vector256.LoadUnsafe(ref leaving, Block);
        }

        public readonly void StoreMeans(ref float target, nuint at, int count)
        {
            (First / Vector256.Create((float)count)).StoreUnsafe(ref target, at);
            (Second / Vector256.Create((float)count)).StoreUnsafe(ref target, at + Block);
        }
    }
}
