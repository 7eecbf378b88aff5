namespace Palisade.Signals.Pdq;

/// <summary>Takes the rows of one picture, all of whose pixels count, and gives the fingerprint.</summary>
/// <remarks>512 x 512 bytes of luma are kept as they are, for the quick way to the same samples.</remarks>
internal sealed class PdqPass(bool useVectors)
{
    /// <summary>The reference refuses to hash a picture with a side shorter than this, in pixels.</summary>
    private const int LeastSide = 5;

    private const int ByteSide = ByteBlur.PictureSide;

    private readonly BoxDecimator _decimator = new(useVectors);
    private int _width;
    private bool _isTooSmall;

    // The rows so far, while all are bytes of luma of a picture of 512 x 512.
    private byte[] _bytes = [];
    private int _byteRows;
    private bool _keepsBytes;
    private ByteBlur? _blur;

    public static bool IsTooSmall(int width, int height) => width < LeastSide || height < LeastSide;

    public void Begin(int width, int height)
    {
        _width = width;
        _byteRows = 0;
        _isTooSmall = IsTooSmall(width, height);
        _keepsBytes = IsForBlur(width, height);
        if (!_isTooSmall)
        {
            _decimator.Begin(width, height);
        }
    }

    /// <summary>Takes whole rows of pixels.</summary>
    public void Add(ReadOnlySpan<byte> pixels, PixelForm form)
    {
        if (_isTooSmall)
        {
            return;
        }

        if (_keepsBytes && form == PixelForm.Grey)
        {
            Scratch.Reserve(ref _bytes, ByteSide * ByteSide);
            pixels.CopyTo(_bytes.AsSpan(_byteRows * ByteSide));
            _byteRows += pixels.Length / ByteSide;
            return;
        }

        if (_keepsBytes)
        {
            // A grey picture that turns out to have colour.
            _keepsBytes = false;
            AddToDecimator(_bytes.AsSpan(0, _byteRows * ByteSide), PixelForm.Grey);
        }

        AddToDecimator(pixels, form);
    }

    /// <summary>Hashes a whole picture as it lies, if it is of 512 x 512 bytes and this processor has vectors.</summary>
    public bool TryHashUpright(ReadOnlySpan<byte> luma, int width, int height, out PdqHash hash, out int quality)
    {
        (hash, quality) = (default, 0);
        if (!IsForBlur(width, height) || luma.Length != ByteSide * ByteSide)
        {
            return false;
        }

        Span<float> samples = stackalloc float[PdqTransform.Side * PdqTransform.Side];
        Blur(luma, samples);
        (hash, quality) = PdqTransform.HashUpright(samples);
        return true;
    }

    public PdqFingerprint Finish()
    {
        if (_isTooSmall)
        {
            return default;
        }

        if (!_keepsBytes)
        {
            return PdqTransform.Fingerprint(_decimator.Samples);
        }

        Span<float> samples = stackalloc float[PdqTransform.Side * PdqTransform.Side];
        Blur(_bytes, samples);
        return PdqTransform.Fingerprint(samples);
    }

    private bool IsForBlur(int width, int height) => useVectors && width == ByteSide && height == ByteSide;

    private void Blur(ReadOnlySpan<byte> luma, Span<float> samples) => (_blur ??= new ByteBlur()).Blur(luma, samples);

    private void AddToDecimator(ReadOnlySpan<byte> pixels, PixelForm form)
    {
        var rowBytes = _width * (int)form;
        var stripBytes = BoxDecimator.StripRows * rowBytes;
        while (!pixels.IsEmpty)
        {
            if (pixels.Length >= stripBytes && _decimator.TakesStrip)
            {
                _decimator.AddStrip(pixels[..stripBytes], form);
                pixels = pixels[stripBytes..];
                continue;
            }

            Luma.From(pixels[..rowBytes], form, _decimator.NextRow, useVectors);
            _decimator.EndRow();
            pixels = pixels[rowBytes..];
        }
    }
}
