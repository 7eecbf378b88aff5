using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Regions;

/// <summary>
/// Makes a picture smaller by averaging the area that each new pixel covers, row by row as rows come in; never larger.
/// </summary>
internal sealed class AreaReducer
{
    private readonly LumaPicture _result;
    private float[] _sum = [];
    private float[] _value = [];
    private int[] _firsts = [];
    private float[] _weights = [];
    private int _width;
    private int _height;
    private int _columnTaps;
    private int _row;
    private int _done;

    public AreaReducer(LumaPicture result)
    {
        _result = result;
    }

    /// <summary>The size with the longer side at most <paramref name="longest"/>, the other in proportion, both at least 1.</summary>
    public static (int Width, int Height) SizeOf(int width, int height, int longest)
    {
        var longer = Math.Max(width, height);
        return longer <= longest ? (width, height) : (Scaled(width), Scaled(height));

        int Scaled(int side) => Math.Max(1, (int)((((long)side * longest * 2) + longer) / (2L * longer)));
    }

    public void Begin(int width, int height, int longest)
    {
        (_width, _height, _row, _done) = (width, height, 0, 0);
        var (newWidth, newHeight) = SizeOf(width, height, longest);
        _result.Resize(newWidth, newHeight);
        var stride = (width + Plane.Lanes - 1) / Plane.Lanes * Plane.Lanes;
        if (_sum.Length < stride)
        {
            (_sum, _value) = (new float[stride], new float[stride]);
        }

        Array.Clear(_sum);
        MakeColumns(newWidth);
    }

    /// <summary>Adds the next row, 8-bit luma.</summary>
    public void Add(ReadOnlySpan<byte> luma)
    {
        if (_result.Height == _height)
        {
            Widen(luma);
            _value.CopyTo(_sum, 0);
            Finish();
            _row++;
            return;
        }

        // Row y covers y to y + 1; new row k covers k * step to (k + 1) * step.
        Widen(luma);
        var step = (double)_height / _result.Height;
        while (_done < _result.Height)
        {
            var (top, bottom) = (_done * step, (_done + 1) * step);
            var share = Math.Min(bottom, _row + 1) - Math.Max(top, _row);
            if (share > 1e-9)
            {
                AddRow((float)(share / step));
            }

            var isLast = _row == _height - 1;
            if (bottom > _row + 1 + 1e-9 && !isLast)
            {
                break;
            }

            Finish();
            Array.Clear(_sum, 0, _width);
        }

        _row++;
    }

    public void AddAll(LumaPicture picture, TrimBox box)
    {
        for (var y = box.Top; y < box.Bottom; y++)
        {
            Add(picture.Row(y)[box.Left..box.Right]);
        }
    }

    private void Widen(ReadOnlySpan<byte> luma)
    {
        for (var x = 0; x < luma.Length; x++)
        {
            _value[x] = luma[x];
        }
    }

    private void AddRow(float weight)
    {
        ref var sum = ref MemoryMarshal.GetArrayDataReference(_sum);
        ref var value = ref MemoryMarshal.GetArrayDataReference(_value);
        for (nuint x = 0; x < (nuint)_width; x += 8)
        {
            (Vector256.LoadUnsafe(ref sum, x) + (Vector256.LoadUnsafe(ref value, x) * weight)).StoreUnsafe(ref sum, x);
        }
    }

    private void Finish()
    {
        var row = _result.Row(_done++);
        if (row.Length == _width)
        {
            for (var x = 0; x < row.Length; x++)
            {
                row[x] = (byte)(_sum[x] + 0.5f);
            }

            return;
        }

        for (var x = 0; x < row.Length; x++)
        {
            var values = _sum.AsSpan(_firsts[x], _columnTaps);
            var weights = _weights.AsSpan(x * _columnTaps, _columnTaps);
            var sum = 0f;
            for (var tap = 0; tap < weights.Length; tap++)
            {
                sum += values[tap] * weights[tap];
            }

            row[x] = (byte)Math.Min(255, sum + 0.5f);
        }
    }

    private void MakeColumns(int newWidth)
    {
        if (newWidth == _width)
        {
            return;
        }

        var step = (double)_width / newWidth;
        _columnTaps = Math.Min(_width, (int)Math.Ceiling(step) + 1);
        if (_firsts.Length < newWidth || _weights.Length < newWidth * _columnTaps)
        {
            (_firsts, _weights) = (new int[newWidth], new float[newWidth * _columnTaps]);
        }

        for (var x = 0; x < newWidth; x++)
        {
            var (left, right) = (x * step, (x + 1) * step);
            var first = Math.Min((int)left, _width - _columnTaps);
            _firsts[x] = first;
            for (var tap = 0; tap < _columnTaps; tap++)
            {
                var share = Math.Min(right, first + tap + 1) - Math.Max(left, first + tap);
                _weights[(x * _columnTaps) + tap] = (float)(Math.Max(0, share) / step);
            }
        }
    }
}
