using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Palisade.Signals.Pdq;

/// <summary>Samples a larger picture to 512 x 512 by nearest neighbour, and hashes that.</summary>
/// <remarks>A row may be wanted several times (a flat, wide picture), or not at all (a tall one).</remarks>
internal sealed class PdqSampler(bool useVectors)
{
    /// <summary>The side of the picture that the C++ file tool samples larger ones to.</summary>
    private const int Side = 512;

    /// <summary>Rows that are handed on together.</summary>
    private const int StripRows = BoxDecimator.StripRows;

    private readonly PdqPass _pass = new(useVectors);
    private readonly int[] _columns = new int[Side];

    // Colour is copied four bytes at a time, of which the next pixel overwrites the last.
    private readonly byte[] _strip = new byte[(StripRows * Side * (int)PixelForm.Rgb) + 1];
    private int _innerColumns;
    private PixelForm _form;
    private int _stripRows;
    private int _width;
    private int _height;
    private int _sampledRows;
    private bool _isTooSmall;

    /// <summary>Whether a picture is the same in both profiles.</summary>
    public static bool LeavesAlone(int width, int height) => width <= Side && height <= Side;

    private int NextRow => (int)((long)_sampledRows * _height / Side);

    public void Begin(int width, int height)
    {
        (_width, _height, _sampledRows, _stripRows) = (width, height, 0, 0);
        _isTooSmall = PdqPass.IsTooSmall(width, height);
        for (var column = 0; column < Side; column++)
        {
            _columns[column] = (int)((long)column * width / Side);
        }

        // The columns rise.
        _innerColumns = Side;
        while (_innerColumns > 0 && _columns[_innerColumns - 1] == width - 1)
        {
            _innerColumns--;
        }

        _pass.Begin(Side, Side);
    }

    /// <summary>Takes whole rows of pixels, the first of which has this number.</summary>
    public void Add(int firstRow, ReadOnlySpan<byte> pixels, PixelForm form)
    {
        if (_isTooSmall)
        {
            return;
        }

        var rowBytes = _width * (int)form;
        var end = firstRow + (pixels.Length / rowBytes);
        for (; _sampledRows < Side && NextRow < end; _sampledRows++)
        {
            Sample(pixels.Slice((NextRow - firstRow) * rowBytes, rowBytes), form);
        }
    }

    public PdqFingerprint Finish()
    {
        if (_isTooSmall)
        {
            return default;
        }

        HandOn();
        return _pass.Finish();
    }

    private void Sample(ReadOnlySpan<byte> row, PixelForm form)
    {
        if (form != _form || _stripRows == StripRows)
        {
            HandOn();
            _form = form;
        }

        ref var target = ref _strip[_stripRows * Side * (int)form];
        ref var source = ref MemoryMarshal.GetReference(row);
        if (form == PixelForm.Grey)
        {
            foreach (var column in _columns)
            {
                target = Unsafe.Add(ref source, column);
                target = ref Unsafe.Add(ref target, 1);
            }
        }
        else
        {
            var at = 0;
            for (; at + 4 <= _innerColumns; at += 4)
            {
                Copy(ref source, ref target, _columns[at]);
                Copy(ref source, ref Unsafe.Add(ref target, 3), _columns[at + 1]);
                Copy(ref source, ref Unsafe.Add(ref target, 6), _columns[at + 2]);
                Copy(ref source, ref Unsafe.Add(ref target, 9), _columns[at + 3]);
                target = ref Unsafe.Add(ref target, 12);
            }

            // At the last pixel four bytes would reach beyond the row.
            foreach (var column in _columns.AsSpan(at))
            {
                row.Slice(3 * column, 3).CopyTo(MemoryMarshal.CreateSpan(ref target, 3));
                target = ref Unsafe.Add(ref target, 3);
            }
        }

        _stripRows++;

        static void Copy(ref byte source, ref byte target, int column) =>
            Unsafe.WriteUnaligned(ref target, Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, 3 * column)));
    }

    private void HandOn()
    {
        if (_stripRows > 0)
        {
            _pass.Add(_strip.AsSpan(0, _stripRows * Side * (int)_form), _form);
            _stripRows = 0;
        }
    }
}
