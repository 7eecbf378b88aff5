namespace Palisade.Signals.Regions;

/// <summary>What a place of an enrolled picture has become in an upload.</summary>
public enum MapState
{
    /// <summary>As it was, as far as the map can tell.</summary>
    Same = 0,
    Altered,

    /// <summary>The upload does not show it.</summary>
    Unknown,

    /// <summary>Its detail is gone: blurred, covered evenly or turned to mosaic.</summary>
    Blurred,
}

/// <summary>Sees where an upload differs from the enrolled picture that it was made from.</summary>
/// <remarks>Not for several threads at once: memory is kept from one comparison to the next.</remarks>
public sealed class MapComparison
{
    private const int Side = AlteredMap.Side;

    /// <summary>From this on, a slope where the enrolled picture has none is an alteration, in steps of luma.</summary>
    private const float NewSlope = 5;

    /// <summary>Below this, a slope that the enrolled picture has is gone.</summary>
    private const float GoneSlope = 0.8f;

    private const float MostError = 0.28f;

    /// <summary>From this share of the detail around a place on that is gone, an altered place is blurred.</summary>
    private const float MostGone = 0.6f;

    /// <summary>A place is known when this share of it lies in the upload.</summary>
    private const float LeastInside = 0.9f;

    private readonly MapFeatures _features = new();
    private readonly Plane _error = new();
    private readonly Plane _weight = new();
    private readonly Plane _smoothError = new();
    private readonly Plane _smoothWeight = new();
    private readonly GaussianBlur _blur = new(1);
    private readonly MosaicSense _mosaic = new();
    private readonly int[] _detail = new int[Side * Side];
    private readonly int[] _gone = new int[Side * Side];
    private readonly bool[] _isAltered = new bool[Side * Side];
    private readonly bool[] _scratch = new bool[Side * Side];

    /// <param name="map">The enrolled picture's.</param>
    /// <param name="transform">Where it lies in the upload, as the search found.</param>
    public RegionFinding Compare(AlteredMap map, RegionPicture upload, RegionTransform transform)
    {
        var frame = upload.Frame;
        _features.Measure(upload.Luma.Span, frame.Width, frame.Height, transform);
        _mosaic.Look(upload.Luma.Span, frame.Width, frame.Height);
        WeighPlaces(map);
        _blur.Apply(_error, _smoothError);
        _blur.Apply(_weight, _smoothWeight);
        for (var at = 0; at < _isAltered.Length; at++)
        {
            var error = _smoothError.Row(at / Side)[at % Side];
            var weight = _smoothWeight.Row(at / Side)[at % Side];
            _isAltered[at] = (error + 0.006f) / (weight + 0.02f) > MostError;
        }

        // Close gaps, then drop specks.
        Widen(_isAltered, _scratch, to: true);
        Widen(_scratch, _isAltered, to: false);
        Widen(_isAltered, _scratch, to: false);
        Widen(_scratch, _isAltered, to: true);

        var states = new MapState[Side * Side];
        for (var at = 0; at < states.Length; at++)
        {
            states[at] = !IsKnown(at) ? MapState.Unknown
                : IsBlurred(at, transform, frame.Width) ? MapState.Blurred
                : _isAltered[at] ? MapState.Altered
                : MapState.Same;
        }

        return new RegionFinding(states, frame, transform);
    }

    private bool IsKnown(int place) => _features.Inside[place] >= LeastInside;

    /// <summary>Whether the upload is mosaic there, or was altered by losing most of the detail around.</summary>
    private bool IsBlurred(int place, RegionTransform transform, int uploadWidth)
    {
        var ownX = ((((place % Side) + 0.5) * transform.Width) / Side) - 0.5;
        var ownY = ((((place / Side) + 0.5) * transform.Height) / Side) - 0.5;
        var (x, y) = transform.ToUpload(ownX, ownY, uploadWidth);
        if (_mosaic.IsMosaicAt(x, y))
        {
            return true;
        }

        var (detail, gone) = (0, 0);
        for (var nearY = Math.Max(0, (place / Side) - 1); nearY <= Math.Min(Side - 1, (place / Side) + 1); nearY++)
        {
            for (var nearX = Math.Max(0, (place % Side) - 1); nearX <= Math.Min(Side - 1, (place % Side) + 1); nearX++)
            {
                var near = (nearY * Side) + nearX;
                detail += _detail[near];
                gone += _gone[near];
            }
        }

        return _isAltered[place] && gone >= MostGone * detail;
    }

    private void WeighPlaces(AlteredMap map)
    {
        _error.Resize(Side, Side);
        _weight.Resize(Side, Side);
        for (var place = 0; place < Side * Side; place++)
        {
            var (error, weight, detail, gone) = (0f, 0f, 0, 0);
            for (var at = place * MapFeatures.PerPlace; at < (place + 1) * MapFeatures.PerPlace && IsKnown(place); at++)
            {
                var stored = map[at];
                var value = _features.Values[at];
                var size = MathF.Abs(value);
                if (stored == 0)
                {
                    (error, weight) = size >= NewSlope ? (error + 0.5f, weight + 1) : (error, weight);
                    continue;
                }

                detail++;
                gone += size < GoneSlope ? 1 : 0;
                var certain = Math.Min(1, size / 2);
                weight += certain;
                error += stored > 0 == value > 0 ? 0 : certain;
                if (size < GoneSlope)
                {
                    (error, weight) = (error + 0.25f, weight + 0.5f);
                }
            }

            (_detail[place], _gone[place]) = (detail, gone);
            _error.Row(place / Side)[place % Side] = error;
            _weight.Row(place / Side)[place % Side] = weight;
        }
    }

    /// <summary>Gives each place the value where it or one of its eight neighbours has it.</summary>
    private static void Widen(bool[] from, bool[] target, bool to)
    {
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                var has = false;
                for (var nearY = Math.Max(0, y - 1); nearY <= Math.Min(Side - 1, y + 1); nearY++)
                {
                    for (var nearX = Math.Max(0, x - 1); nearX <= Math.Min(Side - 1, x + 1); nearX++)
                    {
                        has |= from[(nearY * Side) + nearX] == to;
                    }
                }

                target[(y * Side) + x] = has ? to : !to;
            }
        }
    }
}
