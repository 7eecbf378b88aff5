namespace Palisade.Signals.Regions;

/// <summary>Where an upload differs from the enrolled picture that it was made from.</summary>
public sealed class RegionFinding
{
    private const int Side = AlteredMap.Side;

    private readonly MapState[] _states;
    private readonly int _width;
    private readonly int _height;
    private readonly RegionFrame _upload;
    private readonly RegionTransform _transform;

    internal RegionFinding(MapState[] states, int width, int height, RegionFrame upload, RegionTransform transform)
    {
        (_states, _width, _height, _upload, _transform) = (states, width, height, upload, transform);
    }

    /// <summary>Of the enrolled picture, 32 x 32 places row by row.</summary>
    public IReadOnlyList<MapState> States => _states;

    /// <summary>The share of the enrolled picture's places in a state.</summary>
    public double ShareOf(MapState state) => _states.Count(one => one == state) / (double)_states.Length;

    /// <summary>
    /// The state at a place of the upload, given in shares of its width and height; null where the upload shows nothing
    /// of the enrolled picture's frame.
    /// </summary>
    public MapState? AtUpload(double x, double y)
    {
        var (inX, inY) = _upload.FromWhole(x, y);
        inX = _transform.IsMirrored ? _upload.Width - 1 - inX : inX;
        var (ownX, ownY) = _transform.Similarity.Inverse().Apply(inX, inY);
        var column = (int)Math.Floor((ownX + 0.5) * Side / _width);
        var row = (int)Math.Floor((ownY + 0.5) * Side / _height);
        return column is < 0 or >= Side || row is < 0 or >= Side ? null : _states[(row * Side) + column];
    }
}
