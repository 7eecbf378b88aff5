namespace Palisade.Signals.Regions;

/// <summary>
/// Draws a picture on the 256 x 256 frame of an enrolled one and measures it at the map's places.
/// </summary>
internal sealed class MapFeatures
{
    /// <summary>Pixels along each side of the frame.</summary>
    public const int FrameSide = 256;

    /// <summary>Pixels of the frame for each place.</summary>
    public const int PlacePixels = FrameSide / AlteredMap.Side;

    /// <summary>Slope to the right, slope downwards, height above the surroundings.</summary>
    public const int PerPlace = 3;

    /// <summary>From so many pixels of the source to one of the frame on, the source is blurred first.</summary>
    private const double MostSharpRatio = 0.7;

    private readonly Plane _source = new();
    private readonly Plane _blurred = new();
    private readonly Plane _fine = new();
    private readonly Plane _coarse = new();
    private readonly GaussianBlur _sourceBlur = new(1);
    private readonly GaussianBlur _fineBlur = new(2.5);
    private readonly GaussianBlur _coarseBlur = new(6.25);
    private readonly float[] _values = new float[AlteredMap.Side * AlteredMap.Side * PerPlace];
    private readonly float[] _inside = new float[AlteredMap.Side * AlteredMap.Side];

    /// <summary>Place after place, <see cref="PerPlace"/> of each.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>How much of each place's square lies in the source, 0 to 1.</summary>
    public ReadOnlySpan<float> Inside => _inside;

    /// <summary>The source on the frame, in steps of luma.</summary>
    public Plane Frame { get; } = new();

    /// <summary>Measures an enrolled picture on its own frame.</summary>
    public void MeasureOwn(LumaPicture picture) => Measure(
        picture.Pixels, picture.Width, picture.Height,
        new RegionTransform(new Similarity(1, 0, 0, 0), IsMirrored: false, picture.Width, picture.Height));

    /// <summary>Measures a picture on the frame of an enrolled one of which it was found to be a copy.</summary>
    public void Measure(ReadOnlySpan<byte> luma, int sourceWidth, int sourceHeight, RegionTransform transform)
    {
        _source.Resize(sourceWidth, sourceHeight);
        for (var y = 0; y < sourceHeight; y++)
        {
            var row = _source.Row(y);
            var pixels = luma.Slice(y * sourceWidth, sourceWidth);
            for (var x = 0; x < pixels.Length; x++)
            {
                row[x] = pixels[x];
            }
        }

        var ratio = transform.Similarity.Scale * Math.Sqrt((double)transform.Width * transform.Height) / FrameSide;
        var source = _source;
        if (ratio > MostSharpRatio)
        {
            _sourceBlur.SetSigma(0.45 * ratio);
            _sourceBlur.Apply(_source, _blurred);
            source = _blurred;
        }

        DrawFrame(source, transform);
        _fineBlur.Apply(Frame, _fine);
        _coarseBlur.Apply(Frame, _coarse);
        MeasurePlaces();
    }

    private void DrawFrame(Plane source, RegionTransform transform)
    {
        Array.Clear(_inside);
        Frame.Resize(FrameSide, FrameSide);
        for (var y = 0; y < FrameSide; y++)
        {
            var row = Frame.Row(y);
            var ownY = ((y + 0.5) * transform.Height / FrameSide) - 0.5;
            for (var x = 0; x < FrameSide; x++)
            {
                var ownX = ((x + 0.5) * transform.Width / FrameSide) - 0.5;
                var (fromX, fromY) = transform.ToUpload(ownX, ownY, source.Width);
                if (fromX > -0.5 && fromY > -0.5 && fromX < source.Width - 0.5 && fromY < source.Height - 0.5)
                {
                    _inside[(y / PlacePixels * AlteredMap.Side) + (x / PlacePixels)] += 1f / (PlacePixels * PlacePixels);
                }

                row[x] = Sample(source, fromX, fromY);
            }
        }
    }

    private static float Sample(Plane source, double x, double y)
    {
        x = Math.Clamp(x, 0, source.Width - 1);
        y = Math.Clamp(y, 0, source.Height - 1);
        var (left, top) = ((int)x, (int)y);
        var (right, bottom) = (Math.Min(left + 1, source.Width - 1), Math.Min(top + 1, source.Height - 1));
        var (across, down) = ((float)(x - left), (float)(y - top));
        var above = source.Row(top);
        var below = source.Row(bottom);
        var high = above[left] + (across * (above[right] - above[left]));
        var low = below[left] + (across * (below[right] - below[left]));
        return high + (down * (low - high));
    }

    private void MeasurePlaces()
    {
        for (var placeY = 0; placeY < AlteredMap.Side; placeY++)
        {
            for (var placeX = 0; placeX < AlteredMap.Side; placeX++)
            {
                var (x, y) = ((placeX * PlacePixels) + 4, (placeY * PlacePixels) + 4);
                var (right, bottom) = (Math.Min(x + 5, FrameSide - 1), Math.Min(y + 5, FrameSide - 1));
                var at = ((placeY * AlteredMap.Side) + placeX) * PerPlace;
                _values[at] = _fine.Row(y)[right] - _fine.Row(y)[x - 4];
                _values[at + 1] = _fine.Row(bottom)[x] - _fine.Row(y - 4)[x];
                _values[at + 2] = 1.5f * (_fine.Row(y)[x] - _coarse.Row(y)[x]);
            }
        }
    }
}
