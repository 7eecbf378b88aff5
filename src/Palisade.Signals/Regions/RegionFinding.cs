namespace Palisade.Signals.Regions;

/// <summary>Where an upload differs from the enrolled picture that it was made from.</summary>
public sealed class RegionFinding
{
    private const int Side = AlteredMap.Side;

    private readonly MapState[] _states;
    private readonly RegionFrame _upload;
    private readonly RegionTransform _transform;

    internal RegionFinding(MapState[] states, RegionFrame upload, RegionTransform transform)
    {
        (_states, _upload, _transform) = (states, upload, transform);
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
        var (ownX, ownY) = _transform.FromUpload(inX, inY, _upload.Width);
        var column = (int)Math.Floor((ownX + 0.5) * Side / _transform.Width);
        var row = (int)Math.Floor((ownY + 0.5) * Side / _transform.Height);
        return column is < 0 or >= Side || row is < 0 or >= Side ? null : _states[(row * Side) + column];
    }
}
