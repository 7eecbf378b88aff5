using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>Whether a pair of points is where a similarity says, at the size and in the direction that it says.</summary>
internal readonly struct PairLimits
{
    /// <summary>Doublings of scale.</summary>
    private const float MostScaleDifference = 0.5f;

    /// <summary>Radians.</summary>
    private const float MostAngleDifference = 0.35f;

    private readonly Similarity _similarity;
    private readonly float _logScale;
    private readonly float _angle;

    /// <param name="share">How far a point may lie off, as a share of the upload's diagonal at full scale.</param>
    public PairLimits(Similarity similarity, double diagonal, double share)
    {
        _similarity = similarity;
        var scale = similarity.Scale;
        _logScale = (float)PlainMath.Log2(scale);
        _angle = (float)PlainMath.Atan2(similarity.B, similarity.A);
        Distance = share * diagonal * Math.Clamp(scale, 0.25, 1);
    }

    /// <summary>In pixels of the upload.</summary>
    public double Distance { get; }

    public (double X, double Y) Project(float x, float y) => _similarity.Apply(x, y);

    public bool AreAlike(QuerySide query, int point, EnrolledSide enrolled, int enrolledPoint)
    {
        var scale = query.LogSigma[point] - enrolled.LogSigma(enrolledPoint) - _logScale;
        if (MathF.Abs(scale) > MostScaleDifference)
        {
            return false;
        }

        var turn = query.Angle[point] - enrolled.Angle(enrolledPoint) - _angle;
        turn -= 2 * MathF.PI * MathF.Floor((turn / (2 * MathF.PI)) + 0.5f);
        return MathF.Abs(turn) <= MostAngleDifference;
    }

    public bool IsNear((double X, double Y) place, float x, float y)
    {
        var (dx, dy) = (x - place.X, y - place.Y);
        return (dx * dx) + (dy * dy) <= Distance * Distance;
    }
}
