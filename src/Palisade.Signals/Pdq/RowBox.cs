using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Pdq;

/// <summary>The first round's running box filter along eight rows of pixels side by side.</summary>
/// <remarks>
/// A running sum is a chain that one row cannot hurry, so each lane of a vector carries another row's. Blocks of eight
/// columns become luma, are turned on their side, move the sums on by eight steps, and are turned back: all in
/// registers, but for the columns that are to leave the window. Before the first column and behind the last, zeros
/// come and go, which rounds nothing.
/// </remarks>
internal sealed class RowBox
{
    public const int Rows = 8;

    private const int Block = 8;

    // Columns that are in the window still, eight lanes each; the first block again behind the last.
    private float[] _columns = [];
    private BoxWindow _window;
    private RoundedDivision _whole;
    private int _mask;

    public void Begin(int width)
    {
        _window = BoxWindow.For(width);
        _whole = new RoundedDivision(_window.Size);

        // More than the window needs, so that the first block is seldom written twice.
        var remembered = (int)BitOperations.RoundUpToPowerOf2((uint)(4 * (_window.Size + Block)));
        _mask = remembered - 1;
        Scratch.Reserve(ref _columns, (remembered + Block) * Rows);
    }

    /// <summary>Filters eight rows of pixels, each <paramref name="rowBytes"/> from the one before.</summary>
    /// <param name="means">Where they go, a stride apart.</param>
    public void Filter<TPixels>(ReadOnlySpan<byte> pixels, int rowBytes, Span<float> means, int stride)
        where TPixels : struct, IPixels
    {
        _columns.AsSpan(0, (_mask + 1 + Block) * Rows).Clear();
        _ = pixels[((Rows - 1) * rowBytes) + (_window.Length * TPixels.Bytes) - 1];
        _ = means[((Rows - 1) * stride) + _window.Length - 1];
        ref var pixel = ref MemoryMarshal.GetReference(pixels);
        ref var target = ref MemoryMarshal.GetReference(means);
        ref var columns = ref MemoryMarshal.GetArrayDataReference(_columns);
        var sum = Vector256<float>.Zero;
        var safe = Math.Min(
            _window.Length - Block, (pixels.Length - ((Rows - 1) * rowBytes) - TPixels.Reach) / TPixels.Bytes);
        Span<float> outputs = stackalloc float[Block * Rows];
        for (var column = 0; column < _window.Length + _window.Reach - 1; column += Block)
        {
            var place = column & _mask;
            ref var entering = ref Unsafe.Add(ref columns, place * Rows);
            if (column <= safe)
            {
                Turn<TPixels>(ref Unsafe.Add(ref pixel, column * TPixels.Bytes), rowBytes, ref entering);
            }
            else
            {
                ReadEnd<TPixels>(ref pixel, rowBytes, column, ref entering);
            }

            if (place == 0)
            {
                ref var again = ref Unsafe.Add(ref columns, (_mask + 1) * Rows);
                MemoryMarshal.CreateSpan(ref entering, Block * Rows).CopyTo(
                    MemoryMarshal.CreateSpan(ref again, Block * Rows));
            }

            ref var leaving = ref Unsafe.Add(ref columns, ((column - _window.Size) & _mask) * Rows);
            var output = column - _window.Reach + 1;
            if (output >= _window.FirstWhole && output + Block - 1 <= _window.LastWhole)
            {
                sum = MoveWhole(sum, ref entering, ref leaving, ref Unsafe.Add(ref target, output), stride);
                continue;
            }

            for (var at = 0; at < Block; at++)
            {
                sum = sum + Vector256.LoadUnsafe(ref entering, (nuint)(at * Rows)) -
                    Vector256.LoadUnsafe(ref leaving, (nuint)(at * Rows));
                if (output + at >= 0 && output + at < _window.Length)
                {
                    (sum / Vector256.Create((float)_window.CountAt(output + at))).CopyTo(outputs);
                    for (var row = 0; row < Rows; row++)
                    {
                        Unsafe.Add(ref target, (row * stride) + output + at) = outputs[row];
                    }
                }
            }
        }
    }

    /// <summary>Eight columns of eight rows, as luma.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn<TPixels>(ref byte pixel, int rowBytes, ref float columns)
        where TPixels : struct, IPixels
    {
        var row0 = TPixels.Eight(ref pixel);
        var row1 = TPixels.Eight(ref Unsafe.Add(ref pixel, rowBytes));
        var row2 = TPixels.Eight(ref Unsafe.Add(ref pixel, 2 * rowBytes));
        var row3 = TPixels.Eight(ref Unsafe.Add(ref pixel, 3 * rowBytes));
        var row4 = TPixels.Eight(ref Unsafe.Add(ref pixel, 4 * rowBytes));
        var row5 = TPixels.Eight(ref Unsafe.Add(ref pixel, 5 * rowBytes));
        var row6 = TPixels.Eight(ref Unsafe.Add(ref pixel, 6 * rowBytes));
        var row7 = TPixels.Eight(ref Unsafe.Add(ref pixel, 7 * rowBytes));
        Transposition.Transpose(ref row0, ref row1, ref row2, ref row3, ref row4, ref row5, ref row6, ref row7);
        row0.StoreUnsafe(ref columns);
        row1.StoreUnsafe(ref columns, Rows);
        row2.StoreUnsafe(ref columns, 2 * Rows);
        row3.StoreUnsafe(ref columns, 3 * Rows);
        row4.StoreUnsafe(ref columns, 4 * Rows);
        row5.StoreUnsafe(ref columns, 5 * Rows);
        row6.StoreUnsafe(ref columns, 6 * Rows);
        row7.StoreUnsafe(ref columns, 7 * Rows);
    }

    /// <summary>The last columns one by one, and zeros behind them.</summary>
    private void ReadEnd<TPixels>(ref byte pixel, int rowBytes, int column, ref float columns)
        where TPixels : struct, IPixels
    {
        for (var at = 0; at < Block * Rows; at++)
        {
            var (x, row) = (column + (at / Rows), at % Rows);
            Unsafe.Add(ref columns, at) = x < _window.Length
                ? TPixels.One(ref Unsafe.Add(ref pixel, (row * rowBytes) + (x * TPixels.Bytes)))
                : 0;
        }
    }

    /// <summary>Eight steps of whole windows: the entering column comes, then the leaving one goes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> MoveWhole(
        Vector256<float> sum, ref float entering, ref float leaving, ref float target, int stride)
    {
        var whole = _whole;
        var sum0 = sum + Vector256.LoadUnsafe(ref entering) - Vector256.LoadUnsafe(ref leaving);
        var sum1 = sum0 + Vector256.LoadUnsafe(ref entering, Rows) - Vector256.LoadUnsafe(ref leaving, Rows);
        var sum2 = sum1 + Vector256.LoadUnsafe(ref entering, 2 * Rows) - Vector256.LoadUnsafe(ref leaving, 2 * Rows);
        var sum3 = sum2 + Vector256.LoadUnsafe(ref entering, 3 * Rows) - Vector256.LoadUnsafe(ref leaving, 3 * Rows);
        var sum4 = sum3 + Vector256.LoadUnsafe(ref entering, 4 * Rows) - Vector256.LoadUnsafe(ref leaving, 4 * Rows);
        var sum5 = sum4 + Vector256.LoadUnsafe(ref entering, 5 * Rows) - Vector256.LoadUnsafe(ref leaving, 5 * Rows);
        var sum6 = sum5 + Vector256.LoadUnsafe(ref entering, 6 * Rows) - Vector256.LoadUnsafe(ref leaving, 6 * Rows);
        var sum7 = sum6 + Vector256.LoadUnsafe(ref entering, 7 * Rows) - Vector256.LoadUnsafe(ref leaving, 7 * Rows);
        sum = sum7;
        (sum0, sum1, sum2, sum3) = (whole.Divide(sum0), whole.Divide(sum1), whole.Divide(sum2), whole.Divide(sum3));
        (sum4, sum5, sum6, sum7) = (whole.Divide(sum4), whole.Divide(sum5), whole.Divide(sum6), whole.Divide(sum7));
        Transposition.Transpose(ref sum0, ref sum1, ref sum2, ref sum3, ref sum4, ref sum5, ref sum6, ref sum7);
        var step = (nuint)stride;
        sum0.StoreUnsafe(ref target);
        sum1.StoreUnsafe(ref target, step);
        sum2.StoreUnsafe(ref target, 2 * step);
        sum3.StoreUnsafe(ref target, 3 * step);
        sum4.StoreUnsafe(ref target, 4 * step);
        sum5.StoreUnsafe(ref target, 5 * step);
        sum6.StoreUnsafe(ref target, 6 * step);
        sum7.StoreUnsafe(ref target, 7 * step);
        return sum;
    }
}
