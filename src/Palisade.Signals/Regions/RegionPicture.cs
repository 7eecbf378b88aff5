namespace Palisade.Signals.Regions;

/// <summary>The luma of a picture as it is looked up: trimmed, and its longer side at most 640 pixels.</summary>
public sealed class RegionPicture
{
    private readonly byte[] _luma;

    /// <exception cref="ArgumentException">There are not as many bytes as the frame has pixels.</exception>
    public RegionPicture(RegionFrame frame, byte[] luma)
    {
        ArgumentNullException.ThrowIfNull(luma);
        if (luma.Length != (long)frame.Width * frame.Height)
        {
            throw new ArgumentException($"{frame.Width} x {frame.Height} pixels need as many bytes, not {luma.Length}.", nameof(luma));
        }

        (Frame, _luma) = (frame, luma);
    }

    public RegionFrame Frame { get; }

    /// <summary>Row by row.</summary>
    public ReadOnlyMemory<byte> Luma => _luma;
}
