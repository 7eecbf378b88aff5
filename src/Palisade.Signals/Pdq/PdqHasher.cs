namespace Palisade.Signals.Pdq;

/// <summary>
/// Computes PDQ fingerprints from rows of pixels, top to bottom, without holding the picture.
/// </summary>
/// <remarks>
/// One hasher hashes one picture at a time and may be used again; it is not for several threads at once. Bits and
/// quality equal the reference's, rounding order included. Its scratch memory (about 320 bytes for each pixel of a
/// row, and 4 more for each 128 rows of the picture) is kept for the next picture. Luma of 512 x 512 bytes, which is
/// also what <see cref="PdqProfile.Nn512"/> makes of a larger grey picture, is blurred mostly in whole numbers
/// (docs/reference/pdq-exactness.md), which is about fifteen times quicker and gives the same bits.
/// Source: the PDQ paper and reference program (facebook/ThreatExchange).
/// </remarks>
public sealed class PdqHasher
{
    private readonly PdqRows _rows = new();
    private readonly PdqPass _pass;
    private readonly PdqSampler _sampler;
    private bool _isSampled;

    public PdqHasher()
        : this(Transposition.IsSupported)
    {
    }

    internal PdqHasher(bool useVectors)
    {
        _pass = new PdqPass(useVectors);
        _sampler = new PdqSampler(useVectors);
    }

    private PdqPass? Full => _isSampled ? null : _pass;

    private PdqSampler? Sampling => _isSampled ? _sampler : null;

    /// <summary>Begins a picture of the given size in pixels; what was begun before is forgotten.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive.</exception>
    public void Begin(int width, int height, PdqProfile profile)
    {
        _rows.Begin(width, height);
        _isSampled = profile == PdqProfile.Nn512 && !PdqSampler.LeavesAlone(width, height);
        Full?.Begin(width, height);
        Sampling?.Begin(width, height);
    }

    /// <summary>Adds whole rows of packed 8-bit RGB.</summary>
    /// <exception cref="ArgumentException">The bytes are not whole rows, or more rows than the picture has.</exception>
    public void AddRgbRows(ReadOnlySpan<byte> rgb) => _rows.Add(rgb, PixelForm.Rgb, Full, Sampling);

    /// <summary>Adds whole rows of 8-bit luma (a grey picture).</summary>
    /// <exception cref="ArgumentException">The bytes are not whole rows, or more rows than the picture has.</exception>
    public void AddLumaRows(ReadOnlySpan<byte> luma) => _rows.Add(luma, PixelForm.Grey, Full, Sampling);

    /// <summary>Ends the picture. A side under 5 pixels gives the zero hash and quality 0, as in the reference.</summary>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    public PdqFingerprint Finish()
    {
        _rows.End();
        return _isSampled ? _sampler.Finish() : _pass.Finish();
    }

    /// <summary>Hashes a whole picture of packed 8-bit RGB.</summary>
    public PdqFingerprint HashRgb(ReadOnlySpan<byte> rgb, int width, int height, PdqProfile profile = PdqProfile.Full)
    {
        Begin(width, height, profile);
        AddRgbRows(rgb);
        return Finish();
    }

    /// <summary>Hashes a whole picture of 8-bit luma.</summary>
    public PdqFingerprint HashLuma(ReadOnlySpan<byte> luma, int width, int height, PdqProfile profile = PdqProfile.Full)
    {
        Begin(width, height, profile);
        AddLumaRows(luma);
        return Finish();
    }

    /// <summary>Hashes a whole picture of 8-bit luma as it lies, without the other seven orientations.</summary>
    /// <remarks>The quickest way from 512 x 512 bytes of luma (a frame of a film, say) to the reference's hash.</remarks>
    public (PdqHash Hash, int Quality) HashUprightLuma(ReadOnlySpan<byte> luma, int width, int height)
    {
        if (_pass.TryHashUpright(luma, width, height, out var hash, out var quality))
        {
            return (hash, quality);
        }

        var fingerprint = HashLuma(luma, width, height);
        return (fingerprint.Hash, fingerprint.Quality);
    }
}
