namespace Palisade.Signals.Pdq;

/// <summary>How a pixel lies in a row of bytes; its number is how many it takes.</summary>
internal enum PixelForm
{
    /// <summary>One byte of luma.</summary>
    Grey = 1,

    /// <summary>Three bytes: red, green, blue.</summary>
    Rgb = 3,
}

/// <summary>Counts a picture's rows in and hands them to the passes that want them.</summary>
internal sealed class PdqRows
{
    /// <summary>Rows that all passes take before the next ones, so that they are in the processor's cache still.</summary>
    private const int Portion = BoxDecimator.StripRows;

    private int _width;
    private int _height;
    private int _row;

    public void Begin(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        (_width, _height, _row) = (width, height, 0);
    }

    public void Add(ReadOnlySpan<byte> pixels, PixelForm form, PdqPass? pass, PdqSampler? sampler)
    {
        var rowBytes = (long)_width * (int)form;
        if (rowBytes == 0 || pixels.Length % rowBytes != 0 || pixels.Length / rowBytes > _height - _row)
        {
            throw new ArgumentException(
                $"A picture of {_width} x {_height} was begun and has {_height - _row} rows of {rowBytes} bytes " +
                $"to come; {pixels.Length} bytes are not whole rows of it.",
                nameof(pixels));
        }

        while (!pixels.IsEmpty)
        {
            var rows = Math.Min(Portion - (_row % Portion), (int)(pixels.Length / rowBytes));
            var portion = pixels[..(int)(rows * rowBytes)];
            sampler?.Add(_row, portion, form);
            pass?.Add(portion, form);
            _row += rows;
            pixels = pixels[portion.Length..];
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
}
