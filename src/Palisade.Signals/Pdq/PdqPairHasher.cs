namespace Palisade.Signals.Pdq;

/// <summary>The fingerprints of one picture in both profiles.</summary>
public readonly record struct PdqPair(PdqFingerprint Full, PdqFingerprint Nn512)
{
    public PdqFingerprint this[PdqProfile profile] => profile == PdqProfile.Full ? Full : Nn512;
}

/// <summary>Computes both profiles' fingerprints in one pass over the rows of a picture.</summary>
/// <remarks>
/// Used like <see cref="PdqHasher"/>, and as exact. A picture that has no side over 512 is the same in both profiles
/// and is hashed once.
/// </remarks>
public sealed class PdqPairHasher
{
    private readonly PdqRows _rows = new();
    private readonly PdqPass _full;
    private readonly PdqSampler _nn512;
    private bool _areAlike;

    public PdqPairHasher()
        : this(Transposition.IsSupported)
    {
    }

    internal PdqPairHasher(bool useVectors)
    {
        _full = new PdqPass(useVectors);
        _nn512 = new PdqSampler(useVectors);
    }

    /// <summary>
    /// Whether <see cref="PdqProfile.Nn512"/> is computed; else its fingerprint is the zero hash of quality 0. Set between
    /// pictures. It is a fifth of the work at a million pixels.
    /// </summary>
    public bool HashesNn512 { get; set; } = true;

    private PdqSampler? Sampling => _areAlike || !HashesNn512 ? null : _nn512;

    /// <inheritdoc cref="PdqHasher.Begin"/>
    public void Begin(int width, int height)
    {
        _rows.Begin(width, height);
        _areAlike = PdqSampler.LeavesAlone(width, height);
        _full.Begin(width, height);
        Sampling?.Begin(width, height);
    }

    /// <inheritdoc cref="PdqHasher.AddRgbRows"/>
    public void AddRgbRows(ReadOnlySpan<byte> rgb) => _rows.Add(rgb, PixelForm.Rgb, _full, Sampling);

    /// <inheritdoc cref="PdqHasher.AddLumaRows"/>
    public void AddLumaRows(ReadOnlySpan<byte> luma) => _rows.Add(luma, PixelForm.Grey, _full, Sampling);

    /// <inheritdoc cref="PdqHasher.Finish"/>
    public PdqPair Finish()
    {
        _rows.End();
        var full = _full.Finish();
        return new PdqPair(full, Sampling?.Finish() ?? (HashesNn512 ? full : default));
    }
}
