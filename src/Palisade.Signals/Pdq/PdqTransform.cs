using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Pdq;

/// <summary>
/// The last steps of PDQ: from 64 x 64 blurred luma samples to quality, coefficients and the eight hashes.
/// </summary>
/// <remarks>Every sum is taken in the reference's order, in single precision, without fused multiply-adds.</remarks>
internal static class PdqTransform
{
    /// <summary>Samples along each side of the decimated picture.</summary>
    public const int Side = 64;

    /// <summary>Coefficients along each side of the transform.</summary>
    public const int Coefficients = 16;

    private static readonly float[] Cosines = MakeCosines();

    public static PdqFingerprint Fingerprint(ReadOnlySpan<float> samples)
    {
        Span<float> coefficients = stackalloc float[Coefficients * Coefficients];
        Transform(samples, coefficients);
        return new PdqFingerprint(HashEveryOrientation(coefficients), Quality(samples));
    }

    /// <summary>0 to 100: the sum of the gradients that are at least one hundredth of full scale, over 90.</summary>
    public static int Quality(ReadOnlySpan<float> samples)
    {
        var gradients = 0;
        for (var at = 0; at < Side * (Side - 1); at++)
        {
            gradients += Math.Abs((int)((samples[at] - samples[at + Side]) * 100 / 255));
        }

        for (var row = 0; row < Side; row++)
        {
            for (var column = 0; column < Side - 1; column++)
            {
                var at = (row * Side) + column;
                gradients += Math.Abs((int)((samples[at] - samples[at + 1]) * 100 / 255));
            }
        }

        return Math.Min(100, gradients / 90);
    }

    /// <summary>Rows and columns 1 to 16 of the picture's 64-point DCT-II; brightness (row 0) is left out.</summary>
    public static void Transform(ReadOnlySpan<float> samples, Span<float> coefficients)
    {
        Span<float> half = stackalloc float[Coefficients * Side];
        half.Clear();
        for (var row = 0; row < Coefficients; row++)
        {
            for (var k = 0; k < Side; k++)
            {
                AddScaled(
                    samples.Slice(k * Side, Side), Cosines[(k * Coefficients) + row], half.Slice(row * Side, Side));
            }
        }

        coefficients.Clear();
        for (var row = 0; row < Coefficients; row++)
        {
            for (var k = 0; k < Side; k++)
            {
                AddScaled(
                    Cosines.AsSpan(k * Coefficients, Coefficients),
                    half[(row * Side) + k],
                    coefficients.Slice(row * Coefficients, Coefficients));
            }
        }
    }

    /// <summary>The 128th smallest of 256 values: the lower median.</summary>
    public static float LowerMedian(ReadOnlySpan<float> coefficients)
    {
        Span<float> sorted = stackalloc float[Coefficients * Coefficients];
        coefficients.CopyTo(sorted);
        sorted.Sort();
        return sorted[(sorted.Length / 2) - 1];
    }

    private static void AddScaled(ReadOnlySpan<float> values, float factor, Span<float> sums)
    {
        var sumVectors = MemoryMarshal.Cast<float, Vector256<float>>(sums);
        var valueVectors = MemoryMarshal.Cast<float, Vector256<float>>(values);
        for (var at = 0; at < sumVectors.Length; at++)
        {
            sumVectors[at] += valueVectors[at] * factor;
        }
    }

    /// <summary>
    /// Turning or mirroring a picture only transposes its coefficients and turns some signs, so that one transform
    /// serves all eight orientations. Orientations that share their signs share their median.
    /// </summary>
    private static DihedralHashes HashEveryOrientation(ReadOnlySpan<float> coefficients)
    {
        Span<float> turned = stackalloc float[Coefficients * Coefficients];
        var hashes = default(DihedralHashes);

        (hashes[Orientation.Original], hashes[Orientation.FlipPlus1]) = HashBothWays(coefficients);

        TurnSigns(turned, coefficients, static (row, column) => ((row + column) & 1) != 0);
        (hashes[Orientation.Rotate180], hashes[Orientation.FlipMinus1]) = HashBothWays(turned);

        TurnSigns(turned, coefficients, static (_, column) => (column & 1) == 0);
        (hashes[Orientation.FlipY], hashes[Orientation.Rotate90]) = HashBothWays(turned);

        TurnSigns(turned, coefficients, static (row, _) => (row & 1) == 0);
        (hashes[Orientation.FlipX], hashes[Orientation.Rotate270]) = HashBothWays(turned);
        return hashes;

        static void TurnSigns(Span<float> turned, ReadOnlySpan<float> coefficients, Func<int, int, bool> isNegated)
        {
            for (var at = 0; at < turned.Length; at++)
            {
                turned[at] = isNegated(at / Coefficients, at % Coefficients) ? -coefficients[at] : coefficients[at];
            }
        }
    }

    /// <summary>The hash of coefficients as they lie, and of their transpose.</summary>
    private static (PdqHash AsIs, PdqHash Transposed) HashBothWays(ReadOnlySpan<float> coefficients)
    {
        var median = LowerMedian(coefficients);
        Span<ulong> asIs = stackalloc ulong[4];
        Span<ulong> transposed = stackalloc ulong[4];
        asIs.Clear();
        transposed.Clear();
        for (var at = 0; at < coefficients.Length; at++)
        {
            if (coefficients[at] > median)
            {
                var mirrored = ((at % Coefficients) * Coefficients) + (at / Coefficients);
                asIs[3 - (at >> 6)] |= 1UL << (at & 63);
                transposed[3 - (mirrored >> 6)] |= 1UL << (mirrored & 63);
            }
        }

        return (new(asIs[0], asIs[1], asIs[2], asIs[3]),
            new(transposed[0], transposed[1], transposed[2], transposed[3]));
    }

    /// <summary>For each of 64 samples the 16 cosines that it meets, scaled as the reference scales them.</summary>
    private static float[] MakeCosines()
    {
        var scale = (float)Math.Sqrt(2.0 / Side);
        var cosines = new float[Side * Coefficients];
        for (var sample = 0; sample < Side; sample++)
        {
            for (var frequency = 0; frequency < Coefficients; frequency++)
            {
                cosines[(sample * Coefficients) + frequency] =
                    (float)(scale * Math.Cos(Math.PI / 2 / Side * (frequency + 1) * ((2 * sample) + 1)));
            }
        }

        return cosines;
    }
}
