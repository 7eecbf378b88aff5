namespace Palisade.Signals.Pdq;

/// <summary>A running box filter along the rows of a picture, eight rows at a time.</summary>
internal sealed class HorizontalBox(bool useVectors)
{
    private const int StripRows = BoxDecimator.StripRows;

    private readonly bool _useVectors = useVectors;
    private BoxWindow _window;
    private int _stride;

    /// <summary>The distance from one row of a strip to the next, in samples: the width, to whole vectors.</summary>
    public static int StrideOf(int width) => checked(width + StripRows - 1) / StripRows * StripRows;

    public void Begin(int width)
    {
        _window = BoxWindow.For(width);
        _stride = StrideOf(width);
    }

    /// <summary>Filters every sample of a strip.</summary>
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
}
