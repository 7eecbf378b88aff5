namespace Palisade.Signals.Pdq;

/// <summary>One profile's pass over the rows of one picture: takes luma, gives the fingerprint.</summary>
/// <remarks>
/// Where the profile asks for 512 x 512, each sampled row may be wanted several times (a flat, wide picture), or not
/// at all (a tall one).
/// </remarks>
internal sealed class PdqPass(bool useVectors)
{
    /// <summary>The reference refuses to hash a picture with a side shorter than this, in pixels.</summary>
    private const int LeastSide = 5;

    /// <summary>The side of the picture that the C++ file tool samples larger ones to.</summary>
    private const int SampledSide = 512;

    private readonly BoxDecimator _decimator = new(useVectors);
    private readonly int[] _sampledColumns = new int[SampledSide];
    private int _width;
    private int _height;
    private bool _isTooSmall;
    private bool _isSampled;
    private int _sampledRows;

    public static bool AreProfilesAlike(int width, int height) => width <= SampledSide && height <= SampledSide;

    public void Begin(int width, int height, PdqProfile profile)
    {
        (_width, _height) = (width, height);
        _isTooSmall = width < LeastSide || height < LeastSide;
        _isSampled = profile == PdqProfile.Nn512 && !AreProfilesAlike(width, height);
        _sampledRows = 0;
        if (_isTooSmall)
        {
            return;
        }

        if (!_isSampled)
        {
            _decimator.Begin(width, height);
            return;
        }

        _decimator.Begin(SampledSide, SampledSide);
        for (var x = 0; x < SampledSide; x++)
        {
            _sampledColumns[x] = (int)((long)x * width / SampledSide);
        }
    }

    /// <summary>Whether the pass reads this row at all.</summary>
    public bool Wants(int row) => !_isTooSmall && (!_isSampled || NextSampledRow == row);

    /// <summary>
    /// Where the pass takes every sample of its next row as it is, the place to write that row's luma into; else empty.
    /// </summary>
    public Span<float> RowInPlace => _isTooSmall || _isSampled ? [] : _decimator.NextRow;

    /// <summary>Takes a row that was written into <see cref="RowInPlace"/>.</summary>
    public void EndRowInPlace() => _decimator.EndRow();

    /// <summary>Takes a row's luma, if the pass samples.</summary>
    public void SampleRow(int row, ReadOnlySpan<float> luma)
    {
        while (_sampledRows < SampledSide && NextSampledRow == row)
        {
            var sampled = _decimator.NextRow;
            for (var x = 0; x < sampled.Length; x++)
            {
                sampled[x] = luma[_sampledColumns[x]];
            }

            _decimator.EndRow();
            _sampledRows++;
        }
    }

    public PdqFingerprint Finish() => _isTooSmall ? default : PdqTransform.Fingerprint(_decimator.Samples);

    private int NextSampledRow => (int)((long)_sampledRows * _height / SampledSide);
}
