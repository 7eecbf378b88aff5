using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>
/// How far the points that were found again reach: the area within the line around them (their convex hull), as a share of
/// the area around all points of a picture.
/// </summary>
internal sealed class PointsReach
{
    private readonly (float X, float Y)[] _points = new (float, float)[RegionQuery.MostPoints];
    private readonly (float X, float Y)[] _hull = new (float, float)[(2 * RegionQuery.MostPoints) + 1];

    public RegionCoverage Of(ReadOnlySpan<PointPair> pairs, EnrolledSide enrolled, QuerySide query)
    {
        for (var at = 0; at < pairs.Length; at++)
        {
            _points[at] = (enrolled.X[pairs[at].Enrolled], enrolled.Y[pairs[at].Enrolled]);
        }

        var ofEnrolled = Area(pairs.Length);
        for (var at = 0; at < pairs.Length; at++)
        {
            _points[at] = (query.X[pairs[at].Query], query.Y[pairs[at].Query]);
        }

        var ofUpload = Area(pairs.Length);
        return new RegionCoverage(
            Share(ofEnrolled, enrolled.X, enrolled.Y, enrolled.Count), Share(ofUpload, query.X, query.Y, query.Count));
    }

    private double Share(double part, float[] x, float[] y, int count)
    {
        for (var at = 0; at < count; at++)
        {
            _points[at] = (x[at], y[at]);
        }

        var whole = Area(count);
        return whole > 0 ? Math.Min(1, part / whole) : 0;
    }

    /// <summary>By Andrew's monotone chain: the lower line from left to right, then the upper one back.</summary>
    private double Area(int count)
    {
        _points.AsSpan(0, count).Sort();
        var length = 0;
        for (var at = 0; at < count; at++)
        {
            Turn(_points[at], ref length, from: 0);
        }

        var upper = Math.Max(0, length - 1);
        for (var at = count - 2; at >= 0; at--)
        {
            Turn(_points[at], ref length, upper);
        }

        var twice = 0.0;
        for (var at = 0; at + 1 < length; at++)
        {
            twice += ((double)_hull[at].X * _hull[at + 1].Y) - ((double)_hull[at + 1].X * _hull[at].Y);
        }

        return Math.Abs(twice) / 2;
    }

    private void Turn((float X, float Y) point, ref int length, int from)
    {
        while (length - from >= 2 && Cross(_hull[length - 2], _hull[length - 1], point) <= 0)
        {
            length--;
        }

        _hull[length++] = point;
    }

    private static double Cross((float X, float Y) origin, (float X, float Y) one, (float X, float Y) other) =>
        (((double)one.X - origin.X) * ((double)other.Y - origin.Y)) - (((double)one.Y - origin.Y) * ((double)other.X - origin.X));
}
