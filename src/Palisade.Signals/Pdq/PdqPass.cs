using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Palisade.Signals.Pdq;

/// <summary>One profile's pass over the rows of one picture: takes luma, gives the fingerprint.</summary>
/// <remarks>
/// Where the profile asks for 512 x 512, each sampled row may be wanted several times (a flat, wide picture), or not
/// at all (a tall one). Where 512 x 512 bytes of luma come out, they are kept, for the quick hash that is certain
/// nearly always and for the slow one that is always right.
/// </remarks>
internal sealed class PdqPass(bool useVectors)
{
    /// <summary>The reference refuses to hash a picture with a side shorter than this, in pixels.</summary>
    private const int LeastSide = 5;

    /// <summary>The side of the picture that the C++ file tool samples larger ones to.</summary>
    private const int SampledSide = ByteBlur.PictureSide;

    private readonly BoxDecimator _decimator = new(useVectors);
    private readonly int[] _sampledColumns = new int[SampledSide];
    private int _width;
    private int _height;
    private bool _isTooSmall;
    private bool _isSampled;
    private int _sampledRows;

    // The rows so far, while all are bytes of luma of a picture that is 512 x 512 in the end.
    private byte[] _bytes = [];
    private int _byteRows;
    private bool _keepsBytes;
    private ByteBlur? _blur;

    public static bool AreProfilesAlike(int width, int height) => width <= SampledSide && height <= SampledSide;

    public void Begin(int width, int height, PdqProfile profile)
    {
        (_width, _height) = (width, height);
        _isTooSmall = width < LeastSide || height < LeastSide;
        _isSampled = profile == PdqProfile.Nn512 && !AreProfilesAlike(width, height);
        (_sampledRows, _byteRows) = (0, 0);
        _keepsBytes = useVectors && !_isTooSmall && (_isSampled || (width == SampledSide && height == SampledSide));
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
            Gather(luma, _decimator.NextRow);

            _decimator.EndRow();
            _sampledRows++;
        }
    }

    /// <summary>Takes a row of bytes of luma, where the pass can keep it so; else it wants the row as numbers.</summary>
    public bool TryKeepBytes(int row, ReadOnlySpan<byte> luma)
    {
        if (!_keepsBytes)
        {
            return false;
        }

        if (_bytes.Length == 0)
        {
            _bytes = new byte[SampledSide * SampledSide];
        }

        if (!_isSampled)
        {
            luma.CopyTo(_bytes.AsSpan(row * SampledSide));
            _byteRows++;
            return true;
        }

        for (; _sampledRows < SampledSide && NextSampledRow == row; _sampledRows++)
        {
            Gather(luma, _bytes.AsSpan(_byteRows * SampledSide, SampledSide));
            _byteRows++;
        }

        return true;
    }

    /// <summary>Hands the kept bytes on as numbers: a row of another kind comes, or the quick hash was not certain.</summary>
    public void GiveUpBytes()
    {
        _keepsBytes = false;
        for (var row = 0; row < _byteRows; row++)
        {
            Luma.FromGrey(_bytes.AsSpan(row * SampledSide, SampledSide), _decimator.NextRow);
            _decimator.EndRow();
        }

        _byteRows = 0;
    }

    /// <summary>Hashes a whole picture as it lies, if it is of 512 x 512 bytes and this processor has vectors.</summary>
    public bool TryHashUpright(ReadOnlySpan<byte> luma, int width, int height, out PdqHash hash, out int quality)
    {
        (hash, quality) = (default, 0);
        if (!useVectors || width != SampledSide || height != SampledSide || luma.Length != SampledSide * SampledSide)
        {
            return false;
        }

        Span<float> samples = stackalloc float[PdqTransform.Side * PdqTransform.Side];
        (_blur ??= new ByteBlur()).Blur(luma, samples);
        (hash, quality) = PdqTransform.HashUpright(samples);
        return true;
    }

    public PdqFingerprint Finish()
    {
        if (_isTooSmall)
        {
            return default;
        }

        if (_keepsBytes)
        {
            Span<float> samples = stackalloc float[PdqTransform.Side * PdqTransform.Side];
            (_blur ??= new ByteBlur()).Blur(_bytes, samples);
            return PdqTransform.Fingerprint(samples);
        }

        return PdqTransform.Fingerprint(_decimator.Samples);
    }

    private int NextSampledRow => (int)((long)_sampledRows * _height / SampledSide);

    private void Gather<T>(ReadOnlySpan<T> row, Span<T> sampled)
    {
        // One check for all samples: the columns rise.
        _ = row[_sampledColumns[SampledSide - 1]];
        ref var first = ref MemoryMarshal.GetReference(row);
        for (var x = 0; x < sampled.Length; x++)
        {
            sampled[x] = Unsafe.Add(ref first, _sampledColumns[x]);
        }
    }
}
