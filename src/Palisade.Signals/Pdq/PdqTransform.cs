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

    // cosine[k][i] of sample k and frequency i, row by row.
    private static readonly float[] Cosines = MakeCosines();

    /// <summary>The four patterns of signs, each with the orientation that it makes as it lies and transposed.</summary>
    internal static (SignPattern Signs, Orientation AsIs, Orientation Transposed)[] OrientationsBySigns { get; } =
    [
        (SignPattern.None, Orientation.Original, Orientation.FlipPlus1),
        (SignPattern.HalfTurn, Orientation.Rotate180, Orientation.FlipMinus1),
        (SignPattern.EvenColumnsTurn, Orientation.FlipY, Orientation.Rotate90),
        (SignPattern.EvenRowsTurn, Orientation.FlipX, Orientation.Rotate270),
    ];

    /// <summary>For each of 64 samples, row by row, the 16 cosines that it meets.</summary>
    internal static ReadOnlySpan<float> CosineTable => Cosines;

    public static PdqFingerprint Fingerprint(ReadOnlySpan<float> samples)
    {
        Span<float> coefficients = stackalloc float[MedianSplit.Count];
        Transform(samples, coefficients);
        return new PdqFingerprint(HashEveryOrientation(coefficients), Quality(samples));
    }

    /// <summary>Of the picture as it lies, without the other seven orientations.</summary>
    public static (PdqHash Hash, int Quality) HashUpright(ReadOnlySpan<float> samples)
    {
        Span<float> coefficients = stackalloc float[MedianSplit.Count];
        Transform(samples, coefficients);
        return (MedianSplit.ToHash(Bits(coefficients, SignPattern.None)), Quality(samples));
    }

    /// <summary>0 to 100: the sum of the gradients that are at least one hundredth of full scale, over 90.</summary>
    public static int Quality(ReadOnlySpan<float> samples)
    {
        ref var sample = ref MemoryMarshal.GetReference(samples[..(Side * Side)]);
        var hundred = Vector256.Create(100f);
        var scale = new RoundedDivision(255);
        var gradients = Vector256<int>.Zero;
        for (nuint at = 0; at < Side * (Side - 1); at += 8)
        {
            gradients += Steps(ref sample, at, at + Side);
        }

        // The last pixel of a row has no neighbour to the right.
        var last = Vector256.Create(-1, -1, -1, -1, -1, -1, -1, 0);
        for (nuint at = 0; at < (Side * Side) - 8; at += 8)
        {
            var steps = Steps(ref sample, at, at + 1);
            gradients += at % Side == Side - 8 ? steps & last : steps;
        }

        // Nor is there a vector of neighbours to the last ones of all.
        var sum = Vector256.Sum(gradients);
        for (var at = (Side * Side) - 8; at < (Side * Side) - 1; at++)
        {
            sum += Math.Abs((int)((samples[at] - samples[at + 1]) * 100 / 255));
        }

        return Math.Min(100, sum / 90);

        Vector256<int> Steps(ref float sample, nuint at, nuint neighbour)
        {
            var step = Vector256.LoadUnsafe(ref sample, at) - Vector256.LoadUnsafe(ref sample, neighbour);
            return Vector256.Abs(Vector256.ConvertToInt32Native(scale.Divide(step * hundred)));
        }
    }

    /// <summary>Rows and columns 1 to 16 of the picture's 64-point DCT-II; brightness (row 0) is left out.</summary>
    public static void Transform(ReadOnlySpan<float> samples, Span<float> coefficients)
    {
        Span<float> half = stackalloc float[Coefficients * Side];
        Products.Multiply(Cosines, 1, Coefficients, samples, Side, half);
        Products.Multiply(half, Side, 1, Cosines, Coefficients, coefficients);
    }

    /// <summary>
    /// Turning or mirroring a picture only transposes its coefficients and turns some signs, so that one transform
    /// serves all eight orientations. Orientations that share their signs share their median.
    /// </summary>
    private static DihedralHashes HashEveryOrientation(ReadOnlySpan<float> coefficients)
    {
        var hashes = default(DihedralHashes);
        foreach (var (signs, asIs, transposed) in OrientationsBySigns)
        {
            (hashes[asIs], hashes[transposed]) = HashBothWays(coefficients, signs);
        }

        return hashes;
    }

    /// <summary>The hash of coefficients with their signs turned, and of their transpose.</summary>
    private static (PdqHash AsIs, PdqHash Transposed) HashBothWays(
        ReadOnlySpan<float> coefficients, SignPattern signs)
    {
        var bits = Bits(coefficients, signs);
        return (MedianSplit.ToHash(bits), MedianSplit.ToHash(MedianSplit.Transpose(bits)));
    }

    private static Vector256<ushort> Bits(ReadOnlySpan<float> coefficients, SignPattern signs)
    {
        Span<float> turned = stackalloc float[MedianSplit.Count];
        Span<int> keys = stackalloc int[MedianSplit.Count];
        signs.Apply(coefficients, turned);
        return MedianSplit.BitsAbove(keys, MedianSplit.Find(turned, keys));
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
