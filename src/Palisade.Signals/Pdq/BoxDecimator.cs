using System.Runtime.InteropServices;

namespace Palisade.Signals.Pdq;

/// <summary>
/// Blurs a picture with PDQ's two rounds of box filters and keeps 64 x 64 samples of it, from rows top to bottom.
/// </summary>
/// <remarks>
/// Exact by construction: each running sum adds the entering sample and then subtracts the leaving one, in single
/// precision, along the same axis and in the same order as the reference. What is skipped are only outputs that
/// decimation would never look at: in the second round all but 64 columns, and then all but 64 rows. Memory is
/// that of a few rows more than the vertical window holds, two rows for each 128 of the picture.
/// </remarks>
internal sealed class BoxDecimator(bool useVectors)
{
    /// <summary>Rows that are filtered horizontally at a time: as many as two vectors have lanes.</summary>
    public const int StripRows = 16;

    private const int Side = PdqTransform.Side;

    private readonly RowBox _rowBox = new();
    private readonly HorizontalBox _horizontal = new(useVectors);
    private readonly VerticalBox _firstVertical = new(useVectors);
    private readonly VerticalBox _secondVertical = new(useVectors);
    private readonly int[] _sampledColumns = new int[Side];
    private readonly float[] _samples = new float[Side * Side];
    private float[] _luma = [];
    private float[] _firstRound = [];
    private int _width;
    private int _height;
    private int _stride;
    private bool _isCopied;
    private int _row;
    private int _sampledRows;

    /// <summary>The 64 x 64 samples, row by row; whole after the last row.</summary>
    public ReadOnlySpan<float> Samples => _samples;

    /// <summary>Where the luma of the next row goes, 0 to 255.</summary>
    public Span<float> NextRow => _isCopied
        ? _samples.AsSpan(_row * Side, Side)
        : _luma.AsSpan(_row % StripRows * _stride, _width);

    public void Begin(int width, int height)
    {
        (_width, _height, _row, _sampledRows) = (width, height, 0, 0);
        _isCopied = width == Side && height == Side;
        if (_isCopied)
        {
            return;
        }

        _stride = HorizontalBox.StrideOf(width);
        Scratch.Reserve(ref _luma, checked(StripRows * _stride));
        Scratch.Reserve(ref _firstRound, StripRows * _stride);
        _rowBox.Begin(width);
        _horizontal.Begin(width);
        _firstVertical.Begin(_stride, height);
        _secondVertical.Begin(Side, height);
        for (var column = 0; column < Side; column++)
        {
            _sampledColumns[column] = SampledAt(column, width);
        }
    }

    /// <summary>Whether the next strip of rows can be taken as pixels.</summary>
    public bool TakesStrip => useVectors && !_isCopied && _row % StripRows == 0 && _height - _row >= StripRows;

    /// <summary>Takes the row that was written into <see cref="NextRow"/>.</summary>
    public void EndRow()
    {
        _row++;
        if (_isCopied || (_row % StripRows != 0 && _row != _height))
        {
            return;
        }

        if (useVectors)
        {
            Filter<LumaPixels>(MemoryMarshal.AsBytes(_luma.AsSpan()), _stride * sizeof(float));
        }
        else
        {
            _horizontal.Filter(_luma, _firstVertical.NextStrip);
        }

        _firstVertical.AddStrip(((_row - 1) % StripRows) + 1);
        FilterFirstRound();
    }

    /// <summary>Takes sixteen rows of pixels.</summary>
    public void AddStrip(ReadOnlySpan<byte> pixels, PixelForm form)
    {
        if (form == PixelForm.Rgb)
        {
            Filter<RgbPixels>(pixels, _width * RgbPixels.Bytes);
        }
        else
        {
            Filter<GreyPixels>(pixels, _width * GreyPixels.Bytes);
        }

        _row += StripRows;
        _firstVertical.AddStrip(StripRows);
        FilterFirstRound();
    }

    private void Filter<TPixels>(ReadOnlySpan<byte> pixels, int rowBytes)
        where TPixels : struct, IPixels
    {
        var means = _firstVertical.NextStrip;
        _rowBox.Filter<TPixels>(pixels, rowBytes, means, _stride);
        _rowBox.Filter<TPixels>(pixels[(RowBox.Rows * rowBytes)..], rowBytes, means[(RowBox.Rows * _stride)..], _stride);
    }

    private static int SampledAt(int sample, int length) => (int)((2L * sample + 1) * length / (2 * Side));

    private void FilterFirstRound()
    {
        while (_firstVertical.HasOutput)
        {
            var row = _firstVertical.NextOutput;
            _firstVertical.Step(_firstRound.AsSpan(row % StripRows * _stride, _stride));
            if (row % StripRows == StripRows - 1 || row == _height - 1)
            {
                _horizontal.FilterAt(_sampledColumns, _firstRound, _secondVertical.NextStrip);
                _secondVertical.AddStrip((row % StripRows) + 1);
                FilterSecondRound();
            }
        }
    }

    private void FilterSecondRound()
    {
        while (_secondVertical.HasOutput)
        {
            if (SampledAt(_sampledRows, _height) != _secondVertical.NextOutput)
            {
                _secondVertical.Skip();
                continue;
            }

            var first = _samples.AsSpan(_sampledRows * Side, Side);
            var row = _secondVertical.NextOutput;
            _secondVertical.Step(first);

            // A picture with fewer than 64 rows repeats some of them.
            for (_sampledRows++; _sampledRows < Side && SampledAt(_sampledRows, _height) == row; _sampledRows++)
            {
                first.CopyTo(_samples.AsSpan(_sampledRows * Side, Side));
            }
        }
    }
}
