namespace Palisade.Signals.Regions;

/// <summary>The luma of a picture, reduced: as it is looked up (trimmed, 640 pixels) or whole (1,024 pixels).</summary>
public sealed class RegionPicture
{
    /// <summary>Of the binary form: the frame, then the luma.</summary>
    public const int MostBytes = RegionFrame.ByteCount + (RegionFrame.LongestSide * RegionFrame.LongestSide);

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

    public byte[] ToBytes()
    {
        var bytes = new byte[RegionFrame.ByteCount + _luma.Length];
        Frame.WriteTo(bytes);
        _luma.CopyTo(bytes, RegionFrame.ByteCount);
        return bytes;
    }

    /// <summary>Reads the binary form as if an enemy had written it, or null.</summary>
    public static RegionPicture? TryRead(ReadOnlySpan<byte> bytes) =>
        RegionFrame.TryRead(bytes) is { } frame && bytes.Length - RegionFrame.ByteCount == frame.Width * frame.Height
            ? new RegionPicture(frame, bytes[RegionFrame.ByteCount..].ToArray())
            : null;
}
