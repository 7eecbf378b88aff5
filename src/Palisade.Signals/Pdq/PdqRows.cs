namespace Palisade.Signals.Pdq;

/// <summary>How a pixel lies in a row of bytes.</summary>
internal enum PixelForm
{
    /// <summary>One byte of luma.</summary>
    Grey = 1,

    /// <summary>Three bytes: red, green, blue.</summary>
    Rgb = 3,
}

/// <summary>Counts a picture's rows in, turns each into luma once, and hands it to the passes that want it.</summary>
internal sealed class PdqRows(bool useVectors)
{
    private float[] _scratch = [];
    private int _width;
    private int _height;
    private int _row;

    public void Begin(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        (_width, _height, _row) = (width, height, 0);
    }

    public void Add(ReadOnlySpan<byte> pixels, PixelForm form, PdqPass pass, PdqPass? sampling)
    {
        var rowBytes = (long)_width * (int)form;
        if (rowBytes == 0 || pixels.Length % rowBytes != 0 || pixels.Length / rowBytes > _height - _row)
        {
            throw new ArgumentException(
                $"A picture of {_width} x {_height} was begun and has {_height - _row} rows of {rowBytes} bytes " +
                $"to come; {pixels.Length} bytes are not whole rows of it.",
                nameof(pixels));
        }

        for (; !pixels.IsEmpty; pixels = pixels[(int)rowBytes..])
        {
            AddRow(pixels[..(int)rowBytes], form, pass, sampling);
            _row++;
        }
    }

    public void End()
    {
        if (_width == 0 || _row < _height)
        {
            throw new InvalidOperationException($"{_height - _row} of {_height} rows are missing; add them first.");
        }

        _width = 0;
    }

    private void AddRow(ReadOnlySpan<byte> pixels, PixelForm form, PdqPass pass, PdqPass? sampling)
    {
        if (!pass.Wants(_row))
        {
            return;
        }

        if (form == PixelForm.Grey)
        {
            // What is left after this wants numbers.
            var isSampled = sampling is null || sampling.TryKeepBytes(_row, pixels);
            if (pass.TryKeepBytes(_row, pixels))
            {
                return;
            }

            sampling = isSampled ? null : sampling;
        }
        else
        {
            pass.GiveUpBytes();
            sampling?.GiveUpBytes();
        }

        var inPlace = pass.RowInPlace;
        var luma = inPlace;
        if (inPlace.IsEmpty)
        {
            Scratch.Reserve(ref _scratch, _width);
            luma = _scratch.AsSpan(0, _width);
        }

        if (form == PixelForm.Rgb)
        {
            Luma.FromRgb(pixels, luma, useVectors);
        }
        else
        {
            Luma.FromGrey(pixels, luma);
        }

        sampling?.SampleRow(_row, luma);
        if (inPlace.IsEmpty)
        {
            pass.SampleRow(_row, luma);
        }
        else
        {
            pass.EndRowInPlace();
        }
    }
}
