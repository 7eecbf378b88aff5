namespace Palisade.Signals.Regions;

/// <summary>What is looked up of one picture: up to 810 points in up to two directions each.</summary>
/// <remarks>Personal data, as the picture is: for the search at hand, and not to be kept.</remarks>
public sealed class RegionQuery
{
    /// <summary>Points at most, counting one that runs in two directions twice.</summary>
    public const int MostPoints = 810;

    private readonly RegionQueryPoint[] _points;

    internal RegionQuery(RegionFrame frame, RegionQueryPoint[] points)
    {
        (Frame, _points) = (frame, points);
    }

    public RegionFrame Frame { get; }

    public int Count => _points.Length;

    internal ReadOnlySpan<RegionQueryPoint> Points => _points;
}
