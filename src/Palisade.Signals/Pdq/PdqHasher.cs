namespace Palisade.Signals.Pdq;

/// <summary>
/// Computes PDQ fingerprints from rows of pixels, top to bottom, without holding the picture.
/// </summary>
/// <remarks>
/// One hasher hashes one picture at a time and may be used again; it is not for several threads at once. Bits and
/// quality equal the reference's, rounding order included.
/// </remarks>
public sealed class PdqHasher
{
    /// <summary>Begins a picture of the given size in pixels.</summary>
    public void Begin(int width, int height, PdqProfile profile) => throw new NotSupportedException();

    /// <summary>Adds whole rows of packed 8-bit RGB.</summary>
    public void AddRgbRows(ReadOnlySpan<byte> rgb) => throw new NotSupportedException();

    /// <summary>Adds whole rows of 8-bit luma (a grey picture).</summary>
    public void AddLumaRows(ReadOnlySpan<byte> luma) => throw new NotSupportedException();

    /// <summary>Ends the picture. All rows must have been added.</summary>
    public PdqFingerprint Finish() => throw new NotSupportedException();

    /// <summary>Hashes a whole picture of packed 8-bit RGB.</summary>
    public PdqFingerprint HashRgb(ReadOnlySpan<byte> rgb, int width, int height, PdqProfile profile = PdqProfile.Full)
    {
        Begin(width, height, profile);
        AddRgbRows(rgb);
        return Finish();
    }
}
