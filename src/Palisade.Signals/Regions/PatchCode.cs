using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Regions;

/// <summary>
/// The code of a point's surroundings: the signs of 63 low coefficients of their cosine transform.
/// </summary>
/// <remarks>
/// Coefficient (v, u), v down and u along the point's direction, is bit v * 8 + u - 1: set when it is above the median
/// that it has over ordinary pictures. The mean has no bit, and bit 63 is 0.
/// </remarks>
internal sealed class PatchCode
{
    /// <summary>Samples along each side of a patch.</summary>
    private const int Side = 16;

    /// <summary>Coefficients along each side.</summary>
    private const int Coefficients = 8;

    /// <summary>Half a patch's side, in sigmas of its point.</summary>
    private const float HalfWidthInSigmas = 7.5f;

    /// <summary>What mirroring a picture does to each code: coefficients of odd v change their sign.</summary>
    public const ulong MirrorBits = 0x7f80_7f80_7f80_7f80;

    private static readonly float[] Window = MakeWindow();

    /// <summary>Cosine of coefficient k at sample i, at i * 8 + k.</summary>
    private static readonly float[] Cosines = MakeCosines();

    /// <summary>Coefficient v * 8 + u, by which the bit v * 8 + u - 1 is decided.</summary>
    private static readonly float[] Medians = MakeMedians();

    private readonly float[] _patch = new float[Side * Side];
    private readonly float[] _columns = new float[Side * Coefficients];
    private readonly float[] _terms = new float[Coefficients * Coefficients];

    public static float MedianOf(int v, int u) => Medians[(v * Coefficients) + u];

    public ulong Compute(Plane level, in Keypoint point, float angle)
    {
        Sample(level, point, angle);
        Transform();
        var code = 0UL;
        for (var at = 1; at < _terms.Length; at++)
        {
            code |= _terms[at] > Medians[at] ? 1UL << (at - 1) : 0;
        }

        return code;
    }

    /// <summary>Margins of all key bits; the keys to probe as well are those that the least certain ones flip to.</summary>
    /// <returns>The least certain bits of the key, as bits of the key.</returns>
    public uint WeakKeyBits(int count)
    {
        Span<float> margins = stackalloc float[RegionKey.BitCount];
        for (var at = 0; at < margins.Length; at++)
        {
            var term = RegionKey.Bits[at] + 1;
            margins[at] = MathF.Abs(_terms[term] - Medians[term]);
        }

        var weak = 0UL;
        for (var chosen = 0; chosen < count; chosen++)
        {
            var least = 0;
            for (var at = 1; at < margins.Length; at++)
            {
                least = margins[at] < margins[least] ? at : least;
            }

            weak |= 1UL << RegionKey.Bits[least];
            margins[least] = float.MaxValue;
        }

        return RegionKey.Of(weak);
    }

    private void Sample(Plane level, in Keypoint point, float angle)
    {
        var (sin, cos) = PlainMath.SinCos(angle);
        var step = 2 * HalfWidthInSigmas * point.Sigma / Side;
        var alongX = (float)cos * step;
        var alongY = (float)sin * step;
        ref var values = ref MemoryMarshal.GetReference(level.Values);
        ref var patch = ref MemoryMarshal.GetArrayDataReference(_patch);
        nint stride = level.Stride;
        var (mostX, mostY) = (level.Width - 1f, level.Height - 1f);
        var (lastLeft, lastTop) = (level.Width - 2, level.Height - 2);
        var sum = 0f;
        for (var v = 0; v < Side; v++)
        {
            var across = v - 7.5f;
            for (var u = 0; u < Side; u++)
            {
                // Beyond the picture its edge goes on.
                var along = u - 7.5f;
                var x = Math.Clamp(point.X + (along * alongX) - (across * alongY), 0, mostX);
                var y = Math.Clamp(point.Y + (along * alongY) + (across * alongX), 0, mostY);
                var left = Math.Min((int)x, lastLeft);
                var top = Math.Min((int)y, lastTop);
                var right = x - left;
                ref var at = ref Unsafe.Add(ref values, (top * stride) + left);
                ref var under = ref Unsafe.Add(ref at, stride);
                var high = at + (right * (Unsafe.Add(ref at, 1) - at));
                var low = under + (right * (Unsafe.Add(ref under, 1) - under));
                var value = high + ((y - top) * (low - high));
                Unsafe.Add(ref patch, (v * Side) + u) = value;
                sum += value;
            }
        }

        var mean = sum / _patch.Length;
        for (var at = 0; at < _patch.Length; at++)
        {
            _patch[at] = (_patch[at] - mean) * Window[at];
        }
    }

    /// <summary>Rows, then columns; vectors run across u.</summary>
    private void Transform()
    {
        var norm = 0f;
        foreach (var value in _patch)
        {
            norm += value * value;
        }

        norm = MathF.Sqrt(norm);
        ref var cosines = ref MemoryMarshal.GetArrayDataReference(Cosines);
        for (var v = 0; v < Side; v++)
        {
            var sum = Vector256<float>.Zero;
            for (var j = 0; j < Side; j++)
            {
                sum += Vector256.LoadUnsafe(ref cosines, (nuint)(j * Coefficients)) * _patch[(v * Side) + j];
            }

            sum.CopyTo(_columns, v * Coefficients);
        }

        ref var columns = ref MemoryMarshal.GetArrayDataReference(_columns);
        for (var v = 0; v < Coefficients; v++)
        {
            var sum = Vector256<float>.Zero;
            for (var i = 0; i < Side; i++)
            {
                sum += Vector256.LoadUnsafe(ref columns, (nuint)(i * Coefficients)) * Cosines[(i * Coefficients) + v];
            }

            // A flat patch has no code: all its terms are 0.
            (norm > 0 ? sum / norm : Vector256<float>.Zero).CopyTo(_terms, v * Coefficients);
        }
    }

    private static float[] MakeWindow()
    {
        var window = new float[Side * Side];
        for (var at = 0; at < window.Length; at++)
        {
            var (v, u) = (((at / Side) - 7.5) / 8, ((at % Side) - 7.5) / 8);
            window[at] = (float)PlainMath.Exp(-((u * u) + (v * v)));
        }

        return window;
    }

    private static float[] MakeCosines()
    {
        var cosines = new float[Side * Coefficients];
        for (var at = 0; at < cosines.Length; at++)
        {
            var (sample, coefficient) = (at / Coefficients, at % Coefficients);

            // The angle in 32nds of a half turn, brought within one turn.
            var steps = (((2 * sample) + 1) * coefficient) % 64;
            cosines[at] = (float)PlainMath.SinCos(steps * Math.PI / 32).Cos;
        }

        return cosines;
    }

    private static float[] MakeMedians()
    {
        var medians = new float[Coefficients * Coefficients];
        Set(0, -4.8047f, 2.4922f, -0.0819f, 0.0191f);
        Set(2, 1.583f, -0.9575f, 0.0608f, 0.0127f);
        Set(4, 0.0286f, 0.0483f, -0.0135f, -0.008f);
        Set(6, 0.0616f, -0.0387f, 0.0075f, -0.0022f);
        return medians;

        void Set(int v, float first, float third, float fifth, float seventh) =>
            (medians[(v * 8) + 1], medians[(v * 8) + 3], medians[(v * 8) + 5], medians[(v * 8) + 7]) =
                (first, third, fifth, seventh);
    }
}
