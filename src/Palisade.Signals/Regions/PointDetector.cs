using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Regions;

/// <summary>Finds the strict extrema of the differences of one octave, and where exactly they lie.</summary>
internal sealed class PointDetector
{
    /// <summary>Least contrast of a point. A floor: how many points there are is settled by their number.</summary>
    private const float LeastContrast = 0.0075f / ScaleSpace.LevelsPerOctave;

    /// <summary>Pixels at the edge in which no point is looked for.</summary>
    private const int Frame = 4;

    /// <summary>The furthest that an extremum lies from its pixel, in pixels and levels.</summary>
    private const float MostOffset = 0.6f;

    private Keypoint[] _points = new Keypoint[4096];
    private int _count;

    public ReadOnlySpan<Keypoint> Points => _points.AsSpan(0, _count);

    public void Begin() => _count = 0;

    /// <summary>Adds the points of the octave that a scale space has made last.</summary>
    public void AddOctave(ScaleSpace space)
    {
        var differences = space.DifferencesOfLast;
        for (var level = 1; level <= ScaleSpace.LevelsPerOctave; level++)
        {
            var (finer, own, coarser) = (differences[level - 1], differences[level], differences[level + 1]);
            for (var y = Frame; y < own.Height - Frame; y++)
            {
                AddRow(space.Octaves - 1, level, y, finer, own, coarser);
            }
        }
    }

    private void AddRow(int octave, int level, int y, Plane finer, Plane own, Plane coarser)
    {
        ref var centre = ref MemoryMarshal.GetReference(own.Row(y));
        ref var above = ref MemoryMarshal.GetReference(finer.Row(y));
        ref var below = ref MemoryMarshal.GetReference(coarser.Row(y));
        nint stride = own.Stride;
        var least = Vector256.Create(0.5f * LeastContrast);
        var end = own.Width - Frame;
        for (var x = Frame; x < end; x += Vector256<float>.Count)
        {
            // A vector may reach over the row's end: into its padding and the next row, which the frame keeps in the plane.
            var value = Vector256.LoadUnsafe(ref centre, (nuint)x);
            var strong = Vector256.GreaterThanOrEqual(Vector256.Abs(value), least);
            if (strong == Vector256<float>.Zero)
            {
                continue;
            }

            var (most, lowest) = (Vector256.Create(float.MinValue), Vector256.Create(float.MaxValue));
            Widen(ref Unsafe.Add(ref centre, x - stride), ref most, ref lowest);
            Widen(ref Unsafe.Add(ref centre, x + stride), ref most, ref lowest);
            var (left, right) = (
                Vector256.LoadUnsafe(ref centre, (nuint)(x - 1)), Vector256.LoadUnsafe(ref centre, (nuint)(x + 1)));
            most = Vector256.Max(most, Vector256.Max(left, right));
            lowest = Vector256.Min(lowest, Vector256.Min(left, right));
            var extreme = strong & (Vector256.GreaterThan(value, most) | Vector256.LessThan(value, lowest));
            if (extreme.AsInt32() == Vector256<int>.Zero)
            {
                continue;
            }

            for (nint row = -1; row <= 1; row++)
            {
                Widen(ref Unsafe.Add(ref above, x + (row * stride)), ref most, ref lowest);
                Widen(ref Unsafe.Add(ref below, x + (row * stride)), ref most, ref lowest);
            }

            extreme &= Vector256.GreaterThan(value, most) | Vector256.LessThan(value, lowest);
            for (var lanes = extreme.ExtractMostSignificantBits(); lanes != 0; lanes &= lanes - 1)
            {
                var at = x + BitOperations.TrailingZeroCount(lanes);
                if (at < end)
                {
                    AddIfSharp(octave, level, at, y, finer, own, coarser);
                }
            }
        }
    }

    /// <summary>Takes in three neighbouring values of a row, the middle one at <paramref name="centre"/>.</summary>
    private static void Widen(ref float centre, ref Vector256<float> most, ref Vector256<float> lowest)
    {
        var left = Vector256.LoadUnsafe(ref Unsafe.Subtract(ref centre, 1));
        var middle = Vector256.LoadUnsafe(ref centre);
        var right = Vector256.LoadUnsafe(ref Unsafe.Add(ref centre, 1));
        most = Vector256.Max(most, Vector256.Max(left, Vector256.Max(middle, right)));
        lowest = Vector256.Min(lowest, Vector256.Min(left, Vector256.Min(middle, right)));
    }

    /// <summary>Leaves out points on an edge, along which they would slide, and those of little contrast.</summary>
    private void AddIfSharp(int octave, int level, int x, int y, Plane finer, Plane own, Plane coarser)
    {
        var above = own.Row(y - 1);
        var row = own.Row(y);
        var below = own.Row(y + 1);
        var value = row[x];
        var xx = row[x + 1] + row[x - 1] - (2 * value);
        var yy = below[x] + above[x] - (2 * value);
        var xy = 0.25f * (below[x + 1] - below[x - 1] - above[x + 1] + above[x - 1]);
        var (trace, determinant) = (xx + yy, (xx * yy) - (xy * xy));

        // The larger curvature is at most ten times the smaller: trace^2 / determinant < (10 + 1)^2 / 10.
        if (determinant <= 0 || 10 * trace * trace >= 121 * determinant)
        {
            return;
        }

        var slopeX = 0.5f * (row[x + 1] - row[x - 1]);
        var slopeY = 0.5f * (below[x] - above[x]);
        var (before, after) = (finer.Row(y)[x], coarser.Row(y)[x]);
        var slopeLevel = 0.5f * (after - before);
        var offsetX = Clip(-((yy * slopeX) - (xy * slopeY)) / determinant);
        var offsetY = Clip(-((xx * slopeY) - (xy * slopeX)) / determinant);
        var offsetLevel = Clip(-slopeLevel / (after + before - (2 * value)));
        var peak = value + (0.5f * ((slopeX * offsetX) + (slopeY * offsetY) + (slopeLevel * offsetLevel)));
        if (MathF.Abs(peak) < LeastContrast)
        {
            return;
        }

        if (_count == _points.Length)
        {
            Array.Resize(ref _points, 2 * _count);
        }

        var sigma = (float)ScaleSpace.SigmaOf(level + offsetLevel);
        var score = MathF.Abs(peak) * MathF.Sqrt(sigma * (1 << octave));
        _points[_count++] = new Keypoint(octave, level, x + offsetX, y + offsetY, sigma, score);
    }

    private static float Clip(float offset) => Math.Clamp(offset, -MostOffset, MostOffset);
}
