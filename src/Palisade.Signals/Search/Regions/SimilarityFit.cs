using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>The similarity that leads enrolled points nearest to their partners in the upload: weighted least squares.</summary>
internal struct SimilarityFit
{
    private double _weight;
    private double _fromX;
    private double _fromY;
    private double _toX;
    private double _toY;
    private double _square;
    private double _along;
    private double _across;

    public void Add(double fromX, double fromY, double toX, double toY, double weight)
    {
        _weight += weight;
        _fromX += weight * fromX;
        _fromY += weight * fromY;
        _toX += weight * toX;
        _toY += weight * toY;
        _square += weight * ((fromX * fromX) + (fromY * fromY));
        _along += weight * ((fromX * toX) + (fromY * toY));
        _across += weight * ((fromX * toY) - (fromY * toX));
    }

    /// <summary>Null where the points do not settle it: fewer than two, or all in one place.</summary>
    public readonly Similarity? Solve()
    {
        if (_weight <= 0)
        {
            return null;
        }

        var spread = _square - (((_fromX * _fromX) + (_fromY * _fromY)) / _weight);
        if (spread <= 1e-6 * _weight)
        {
            return null;
        }

        var a = (_along - (((_fromX * _toX) + (_fromY * _toY)) / _weight)) / spread;
        var b = (_across - (((_fromX * _toY) - (_fromY * _toX)) / _weight)) / spread;
        var isTurnOnly = (a * a) + (b * b) > 1e-6;
        return isTurnOnly
            ? new Similarity(
                a, b, (_toX - ((a * _fromX) - (b * _fromY))) / _weight, (_toY - ((b * _fromX) + (a * _fromY))) / _weight)
            : null;
    }
}
