namespace Palisade.Signals.Regions;

/// <summary>What is looked up of one picture: up to 810 points in up to two directions each.</summary>
/// <remarks>Personal data, as the picture is: for the search at hand, and not to be kept.</remarks>
public sealed class RegionQuery
{
    /// <summary>Points at most, counting one that runs in two directions twice.</summary>
    public const int MostPoints = 810;

    /// <summary>Of the binary form.</summary>
    public const int MostBytes = RegionFrame.ByteCount + (MostPoints * RegionQueryPoint.ByteCount);

    /// <summary>Longest side of the picture that positions refer to, in pixels.</summary>
    internal const int LongestSide = 640;

    private readonly RegionQueryPoint[] _points;

    internal RegionQuery(RegionFrame frame, RegionQueryPoint[] points)
    {
        (Frame, _points) = (frame, points);
    }

    public RegionFrame Frame { get; }

    public int Count => _points.Length;

    internal ReadOnlySpan<RegionQueryPoint> Points => _points;

    /// <summary>The frame, then 28 bytes a point.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[RegionFrame.ByteCount + (Count * RegionQueryPoint.ByteCount)];
        Frame.WriteTo(bytes);
        for (var at = 0; at < Count; at++)
        {
            _points[at].WriteTo(bytes.AsSpan(RegionFrame.ByteCount + (at * RegionQueryPoint.ByteCount)));
        }

        return bytes;
    }

    /// <summary>Reads the binary form as if an enemy had written it: every number in its bounds, or null.</summary>
    public static RegionQuery? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (RegionFrame.TryRead(bytes) is not { } frame || Math.Max(frame.Width, frame.Height) > LongestSide)
        {
            return null;
        }

        bytes = bytes[RegionFrame.ByteCount..];
        var points = new RegionQueryPoint[Math.Min(MostPoints + 1, bytes.Length / RegionQueryPoint.ByteCount)];
        if (points.Length > MostPoints || bytes.Length != points.Length * RegionQueryPoint.ByteCount)
        {
            return null;
        }

        for (var at = 0; at < points.Length; at++)
        {
            var point = RegionQueryPoint.Read(bytes[(at * RegionQueryPoint.ByteCount)..]);
            if (!point.IsPossible(frame))
            {
                return null;
            }

            points[at] = point;
        }

        return new RegionQuery(frame, points);
    }
}
