namespace Palisade.Signals.Regions;

/// <summary>
/// A picture blurred step by step: in each octave six levels of sigma 1.6 * 2^(level / 3), then the fourth, halved,
/// begins the next. Difference d of an octave is level d + 1 less level d.
/// </summary>
internal sealed class ScaleSpace
{
    public const int MostOctaves = 6;
    public const int Levels = 6;
    public const int Differences = Levels - 1;

    /// <summary>Levels to a doubling of sigma.</summary>
    public const int LevelsPerOctave = 3;

    /// <summary>Sigma of each octave's first level, in that octave's pixels.</summary>
    public const double FirstSigma = 1.6;

    /// <summary>The blur that a picture is taken to have when it comes.</summary>
    private const double GivenSigma = 0.5;

    /// <summary>An octave has at least this many pixels on each side.</summary>
    private const int LeastSide = 24;

    private readonly Plane _values = new();
    private readonly GaussianBlur _firstBlur = new(Math.Sqrt((FirstSigma * FirstSigma) - (GivenSigma * GivenSigma)));
    private readonly GaussianBlur[] _blurs = [.. Enumerable.Range(1, Levels - 1).Select(StepTo)];
    private readonly Plane[] _levels = [.. Enumerable.Range(0, MostOctaves * Levels).Select(_ => new Plane())];
    private readonly Plane[] _differences = [.. Enumerable.Range(0, Differences).Select(_ => new Plane())];

    public int Octaves { get; private set; }

    /// <summary>The differences of the octave that was made last.</summary>
    public ReadOnlySpan<Plane> DifferencesOfLast => _differences;

    public static double SigmaOf(double level) => FirstSigma * PlainMath.Exp2(level / LevelsPerOctave);

    public Plane Level(int octave, int level) => _levels[(octave * Levels) + level];

    /// <summary>Begins with a picture, whose luma is counted from 0 to 1.</summary>
    public void Begin(LumaPicture picture)
    {
        Octaves = 0;
        _values.Resize(picture.Width, picture.Height);
        for (var y = 0; y < picture.Height; y++)
        {
            var row = _values.Row(y);
            var pixels = picture.Row(y);
            for (var x = 0; x < pixels.Length; x++)
            {
                row[x] = pixels[x] / 255f;
            }
        }
    }

    /// <summary>Makes the next octave, or says that there is none.</summary>
    public bool TryAddOctave()
    {
        var first = Octaves < MostOctaves ? Level(Octaves, 0) : null;
        if (first is null)
        {
            return false;
        }

        if (Octaves == 0)
        {
            if (Math.Min(_values.Width, _values.Height) < LeastSide)
            {
                return false;
            }

            _firstBlur.Apply(_values, first);
        }
        else
        {
            var last = Level(Octaves - 1, LevelsPerOctave);
            if (Math.Min(last.Width, last.Height) / 2 < LeastSide)
            {
                return false;
            }

            first.Halve(last);
        }

        for (var level = 1; level < Levels; level++)
        {
            var (finer, coarser) = (Level(Octaves, level - 1), Level(Octaves, level));
            _blurs[level - 1].Apply(finer, coarser);
            _differences[level - 1].Subtract(coarser, finer);
        }

        Octaves++;
        return true;
    }

    /// <summary>What is still to be blurred from one level to the next.</summary>
    private static GaussianBlur StepTo(int level)
    {
        var (before, after) = (SigmaOf(level - 1), SigmaOf(level));
        return new GaussianBlur(Math.Sqrt((after * after) - (before * before)));
    }
}
