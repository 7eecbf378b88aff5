namespace Palisade.Signals.Regions;

/// <summary>
/// Computes the region codes of pictures: give it a picture's size, its rows from top to bottom, and ask for what is needed.
/// </summary>
/// <remarks>
/// The same picture gives the same codes on every machine. Not for several threads at once; its memory (about 25 MB) is
/// kept from one picture to the next, and only answers are allocated.
/// </remarks>
public sealed class RegionExtractor
{
    private const int QueryPoints = 600;

    private readonly LumaPicture _stored = new();
    private readonly LumaPicture _upright = new();
    private readonly LumaPicture _reduced = new();
    private readonly AreaReducer _reducingStored;
    private readonly AreaReducer _reducing;
    private readonly ScaleSpace _space = new();
    private readonly PointDetector _detector = new();
    private readonly PointSelection _selection = new();
    private readonly PointOrientation _orientation = new();
    private readonly PatchCode _code = new();
    private readonly MapFeatures _features = new();
    private readonly RegionQueryPoint[] _points = new RegionQueryPoint[RegionQuery.MostPoints];
    private LumaPicture _whole;
    private byte[] _row = [];
    private int _width;
    private int _found;
    private int _rowsToCome = -1;
    private TrimBox _box;

    public RegionExtractor()
    {
        _reducingStored = new AreaReducer(_stored);
        _reducing = new AreaReducer(_reduced);
        _whole = _stored;
    }

    /// <summary>The points that were computed last, before anything is rounded.</summary>
    internal ReadOnlySpan<RegionQueryPoint> LastPoints => _points.AsSpan(0, _found);

    /// <summary>Begins a picture of this many pixels, as they are stored.</summary>
    public void Begin(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        (_width, _rowsToCome) = (width, height);
        _reducingStored.Begin(width, height, RegionFrame.LongestSide);
        if (_row.Length < width)
        {
            _row = new byte[width];
        }
    }

    /// <summary>Adds whole rows of packed 8-bit RGB.</summary>
    public void AddRgbRows(ReadOnlySpan<byte> rgb)
    {
        for (CountRows(rgb.Length, 3 * _width); !rgb.IsEmpty; rgb = rgb[(3 * _width)..])
        {
            var row = _row.AsSpan(0, _width);
            for (var x = 0; x < row.Length; x++)
            {
                // round(0.299 R + 0.587 G + 0.114 B); n / 1000 is (n / 8) / 125 by a product that fits 32 bits.
                var sum = (299 * rgb[3 * x]) + (587 * rgb[(3 * x) + 1]) + (114 * rgb[(3 * x) + 2]) + 500;
                row[x] = (byte)(((uint)sum >> 3) * 33_555 >> 22);
            }

            _reducingStored.Add(row);
        }
    }

    /// <summary>Adds whole rows of 8-bit luma.</summary>
    public void AddLumaRows(ReadOnlySpan<byte> luma)
    {
        for (CountRows(luma.Length, _width); !luma.IsEmpty; luma = luma[_width..])
        {
            _reducingStored.Add(luma[.._width]);
        }
    }

    /// <summary>Ends the picture: turns it upright and finds its borders.</summary>
    /// <param name="exifOrientation">1 to 8; 1 is as stored.</param>
    public void Finish(int exifOrientation)
    {
        if (_rowsToCome != 0)
        {
            throw new InvalidOperationException($"{_rowsToCome} rows are missing; add them first.");
        }

        _rowsToCome = -1;
        _whole = _stored;
        if (exifOrientation is >= 2 and <= 8)
        {
            _stored.CopyUpright(exifOrientation, _upright);
            _whole = _upright;
        }

        _box = TrimBox.Of(_whole);
    }

    /// <summary>The codes by which the picture can be found again, or null: it has too little texture for any.</summary>
    /// <param name="points">25 to 300.</param>
    public RegionCodes? Enrol(int points = RegionCodes.DefaultPoints)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, RegionCodes.LeastPoints);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(points, RegionCodes.DensePoints);
        Reduce(RegionCodes.LongestSide);
        var count = Math.Min(points, FindPoints(RegionCodes.DensePoints, RegionCodes.DensePoints, angles: 1));
        return count < RegionCodes.LeastPoints
            ? null
            : RegionCodes.Of(_points.AsSpan(0, count), _reduced.Width, _reduced.Height);
    }

    /// <summary>What is looked up of the picture.</summary>
    public RegionQuery Query()
    {
        var frame = Reduce(RegionQuery.LongestSide);
        var count = FindPoints(QueryPoints, RegionQuery.MostPoints, PointOrientation.MostAngles);
        return new RegionQuery(frame, _points.AsSpan(0, count).ToArray());
    }

    /// <summary>The map by which it is seen later where a copy was altered.</summary>
    public AlteredMap DrawMap()
    {
        Reduce(RegionCodes.LongestSide);
        _features.MeasureOwn(_reduced);
        return AlteredMap.Of(_features.Values);
    }

    /// <summary>The picture as it is looked up, for comparing it with the map of what it was found to be made from.</summary>
    public RegionPicture CopyPicture()
    {
        var frame = Reduce(RegionQuery.LongestSide);
        return new RegionPicture(frame, _reduced.Pixels.ToArray());
    }

    /// <summary>The upright picture with its borders, at most 1,024 pixels long.</summary>
    public RegionPicture CopyWhole()
    {
        CheckFinished();
        var (width, height) = (_whole.Width, _whole.Height);
        return new RegionPicture(
            new RegionFrame(width, height, new TrimBox(0, 0, width, height), width, height), _whole.Pixels.ToArray());
    }

    private void CountRows(int bytes, int rowBytes)
    {
        if (_rowsToCome < 0 || bytes % rowBytes != 0 || bytes / rowBytes > _rowsToCome)
        {
            throw new ArgumentException($"{bytes} bytes are not whole rows of the {Math.Max(0, _rowsToCome)} to come.", nameof(bytes));
        }

        _rowsToCome -= bytes / rowBytes;
    }

    private void CheckFinished()
    {
        if (_rowsToCome >= 0 || _width == 0)
        {
            throw new InvalidOperationException("No picture was finished; begin one, add its rows and finish it first.");
        }
    }

    private RegionFrame Reduce(int longest)
    {
        CheckFinished();
        _reducing.Begin(_box.Width, _box.Height, longest);
        _reducing.AddAll(_whole, _box);
        return new RegionFrame(_reduced.Width, _reduced.Height, _box, _whole.Width, _whole.Height);
    }

    /// <summary>Fills the points, strongest first.</summary>
    private int FindPoints(int most, int mostRows, int angles)
    {
        _space.Begin(_reduced);
        _detector.Begin();
        while (_space.TryAddOctave())
        {
            _detector.AddOctave(_space);
        }

        var count = 0;
        Span<float> found = stackalloc float[PointOrientation.MostAngles];
        foreach (ref readonly var point in _selection.Choose(_detector.Points, _reduced.Width, _reduced.Height, most))
        {
            var level = _space.Level(point.Octave, point.Level);
            var directions = _orientation.Find(level, point, found[..angles]);
            for (var at = 0; at < directions && count < mostRows; at++)
            {
                var code = _code.Compute(level, point, found[at]);
                _points[count++] = new RegionQueryPoint(
                    point.InPicture(point.X), point.InPicture(point.Y), point.Sigma * (1 << point.Octave), found[at],
                    code, angles > 1 ? _code.WeakKeyBits(RegionQueryPoint.WeakBits) : 0);
            }
        }

        _found = count;
        return count;
    }
}
