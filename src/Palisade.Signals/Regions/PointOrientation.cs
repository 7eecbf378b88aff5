using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Regions;

/// <summary>Finds the directions in which a point's surroundings run, from a histogram of their gradients.</summary>
internal sealed class PointOrientation
{
    public const int MostAngles = 2;

    private const int Bins = 36;

    /// <summary>Half the window's side in sigmas; a pixel at distance r weighs exp(-r^2 / (4.5 sigma^2)).</summary>
    private const float RadiusInSigmas = 4.5f;

    /// <summary>The largest radius: the coarsest level's sigma, moved by the furthest offset, is below 4.7.</summary>
    private const int MostRadius = 24;

    /// <summary>A second direction counts from this share of the highest on.</summary>
    private const float LeastShare = 0.8f;

    // One more bin takes what is rounded up to a full turn.
    private readonly float[] _histogram = new float[Bins + 1];
    private readonly float[] _smooth = new float[Bins + 1];

    // exp(-d^2 / (4.5 sigma^2)) for d = -MostRadius ..., then zeros for the last vector's rest.
    private readonly float[] _weights = new float[(2 * MostRadius) + 1 + Plane.Lanes];

    /// <summary>
    /// The angles of the highest peaks in radians, highest first: from half a bin below 0 to half a bin below a full turn,
    /// clockwise as the picture is seen.
    /// </summary>
    /// <param name="angles">Takes one or two.</param>
    public int Find(Plane level, in Keypoint point, Span<float> angles)
    {
        CountGradients(level, point);
        Smooth(_histogram, _smooth);
        Smooth(_smooth, _histogram);
        var first = HighestPeak(except: -1);
        if (first < 0)
        {
            // A flat patch, or a ring of equal bins, runs in no direction.
            angles[0] = 0;
            return 1;
        }

        angles[0] = AngleOf(first);
        var second = angles.Length > 1 ? HighestPeak(except: first) : -1;
        if (second < 0 || _histogram[second] < LeastShare * _histogram[first])
        {
            return 1;
        }

        angles[1] = AngleOf(second);
        return 2;
    }

    private void CountGradients(Plane level, in Keypoint point)
    {
        Array.Clear(_histogram);
        var radius = Math.Min(MostRadius, (int)MathF.Round(RadiusInSigmas * point.Sigma));
        MakeWeights(radius, point.Sigma);
        var centreX = (int)MathF.Round(point.X);
        var centreY = (int)MathF.Round(point.Y);
        var left = Math.Max(1, centreX - radius);
        var right = Math.Min(level.Width - 2, centreX + radius);
        var bottom = Math.Min(level.Height - 2, centreY + radius);
        for (var y = Math.Max(1, centreY - radius); y <= bottom; y++)
        {
            ref var row = ref MemoryMarshal.GetReference(level.Row(y));
            ref var weights = ref _weights[MostRadius + left - centreX];
            CountRow(ref Unsafe.Add(ref row, left), level.Stride, right - left + 1, ref weights, _weights[MostRadius + y - centreY]);
        }
    }

    private void CountRow(ref float row, nint stride, int count, ref float weights, float rowWeight)
    {
        Span<float> strengths = stackalloc float[Vector256<float>.Count];
        Span<int> bins = stackalloc int[Vector256<int>.Count];
        for (var x = 0; x < count; x += Vector256<float>.Count)
        {
            ref var pixel = ref Unsafe.Add(ref row, x);
            var slopeX = Vector256.LoadUnsafe(ref Unsafe.Add(ref pixel, 1)) - Vector256.LoadUnsafe(ref Unsafe.Subtract(ref pixel, 1));
            var slopeY = Vector256.LoadUnsafe(ref Unsafe.Add(ref pixel, stride)) -
                Vector256.LoadUnsafe(ref Unsafe.Subtract(ref pixel, stride));
            var strength = Vector256.Sqrt((slopeX * slopeX) + (slopeY * slopeY)) *
                (Vector256.LoadUnsafe(ref weights, (nuint)x) * rowWeight);
            strength.CopyTo(strengths);
            Vector256.ConvertToInt32(BinsOf(slopeX, slopeY) + Vector256.Create(0.5f)).CopyTo(bins);
            var lanes = Math.Min(count - x, strengths.Length);
            for (var lane = 0; lane < lanes; lane++)
            {
                _histogram[bins[lane]] += strengths[lane];
            }
        }
    }

    /// <summary>The angles of vectors in bins, 0 to 36, to about a millionth of a turn.</summary>
    private static Vector256<float> BinsOf(Vector256<float> x, Vector256<float> y)
    {
        var absX = Vector256.Abs(x);
        var absY = Vector256.Abs(y);
        var ratio = Vector256.Min(absX, absY) / Vector256.Max(Vector256.Max(absX, absY), Vector256.Create(1e-30f));
        var square = ratio * ratio;

        // The arc tangent from 0 to 1 by its best polynomial of degree 11 (Abramowitz and Stegun 4.4.49 goes further).
        var sum = (square * -0.0117212f) + Vector256.Create(0.05265332f);
        sum = (sum * square) + Vector256.Create(-0.11643287f);
        sum = (sum * square) + Vector256.Create(0.19354346f);
        sum = (sum * square) + Vector256.Create(-0.33262347f);
        sum = (sum * square) + Vector256.Create(0.99997726f);
        var bins = sum * ratio * (Bins / (2 * MathF.PI));
        bins = Vector256.ConditionalSelect(
            Vector256.GreaterThan(absY, absX), Vector256.Create(Bins / 4f) - bins, bins);
        bins = Vector256.ConditionalSelect(
            Vector256.LessThan(x, Vector256<float>.Zero), Vector256.Create(Bins / 2f) - bins, bins);
        return Vector256.ConditionalSelect(
            Vector256.LessThan(y, Vector256<float>.Zero), Vector256.Create((float)Bins) - bins, bins);
    }

    private void MakeWeights(int radius, float sigma)
    {
        // Each from the one before: the quotient of neighbours falls by the same factor at every step.
        var step = PlainMath.Exp(-1 / (4.5 * sigma * sigma));
        Array.Clear(_weights);
        var weight = 1.0;
        var quotient = step;
        _weights[MostRadius] = 1;
        for (var at = 1; at <= radius; at++)
        {
            weight *= quotient;
            quotient *= step * step;
            _weights[MostRadius - at] = (float)weight;
            _weights[MostRadius + at] = (float)weight;
        }
    }

    private static void Smooth(float[] from, float[] to)
    {
        // Bin 36 is bin 0 seen from the other side.
        from[0] += from[Bins];
        for (var bin = 0; bin < Bins; bin++)
        {
            var before = from[bin == 0 ? Bins - 1 : bin - 1];
            var after = from[bin == Bins - 1 ? 0 : bin + 1];
            to[bin] = 0.25f * (before + (2 * from[bin]) + after);
        }

        to[Bins] = 0;
    }

    private int HighestPeak(int except)
    {
        var best = -1;
        for (var bin = 0; bin < Bins; bin++)
        {
            var value = _histogram[bin];
            var before = _histogram[bin == 0 ? Bins - 1 : bin - 1];
            var after = _histogram[bin == Bins - 1 ? 0 : bin + 1];
            if (bin != except && value > before && value > after && (best < 0 || value > _histogram[best]))
            {
                best = bin;
            }
        }

        return best;
    }

    /// <summary>The top of the parabola through a peak and its neighbours.</summary>
    private float AngleOf(int bin)
    {
        var before = _histogram[bin == 0 ? Bins - 1 : bin - 1];
        var peak = _histogram[bin];
        var after = _histogram[bin == Bins - 1 ? 0 : bin + 1];
        var offset = 0.5f * (before - after) / (before - (2 * peak) + after);
        return (bin + offset) * (2 * MathF.PI / Bins);
    }
}
