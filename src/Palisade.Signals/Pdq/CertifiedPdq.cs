using System.Runtime.CompilerServices;

namespace Palisade.Signals.Pdq;

/// <summary>
/// PDQ of 512 x 512 bytes of luma from the exact filter, where that is certainly what the reference computes.
/// </summary>
/// <remarks>
/// The reference's running sums round, and a coefficient that lies at the median or a gradient that lies at a step may
/// fall on either side. Then these methods say no, and the picture is hashed in the reference's own order.
/// </remarks>
[SkipLocalsInit]
internal static class CertifiedPdq
{
    /// <summary>All eight orientations and the quality, if every one of them is certain.</summary>
    public static bool TryFingerprint(ReadOnlySpan<byte> luma, bool useVectors, out PdqFingerprint fingerprint)
    {
        Span<float> coefficients = stackalloc float[MedianSplit.Count];
        Span<float> margins = stackalloc float[PdqTransform.Coefficients];
        fingerprint = default;
        if (!TryTransform(luma, useVectors, coefficients, margins, out var quality))
        {
            return false;
        }

        var hashes = default(DihedralHashes);
        foreach (var (signs, asIs, transposed) in PdqTransform.OrientationsBySigns)
        {
            if (!TryBits(coefficients, signs, margins, out var bits))
            {
                return false;
            }

            hashes[asIs] = MedianSplit.ToHash(bits);
            hashes[transposed] = MedianSplit.ToHash(MedianSplit.Transpose(bits));
        }

        fingerprint = new PdqFingerprint(hashes, quality);
        return true;
    }

    /// <summary>The hash of the picture as it lies and the quality, if both are certain.</summary>
    public static bool TryUpright(ReadOnlySpan<byte> luma, bool useVectors, out PdqHash hash, out int quality)
    {
        Span<float> coefficients = stackalloc float[MedianSplit.Count];
        Span<float> margins = stackalloc float[PdqTransform.Coefficients];
        hash = default;
        if (!TryTransform(luma, useVectors, coefficients, margins, out quality) ||
            !TryBits(coefficients, SignPattern.None, margins, out var bits))
        {
            return false;
        }

        hash = MedianSplit.ToHash(bits);
        return true;
    }

    private static bool TryTransform(
        ReadOnlySpan<byte> luma, bool useVectors, Span<float> coefficients, Span<float> margins, out int quality)
    {
        Span<float> samples = stackalloc float[PdqTransform.Side * PdqTransform.Side];
        Span<float> half = stackalloc float[PdqTransform.Coefficients * PdqTransform.Side];
        IntegerSampler.Sample(luma, samples, useVectors);
        if (!ReferenceMargin.TryQuality(samples, out quality))
        {
            return false;
        }

        PdqTransform.Transform(samples, half, coefficients);
        ReferenceMargin.Derive(samples, half, margins);
        return true;
    }

    private static bool TryBits(
        ReadOnlySpan<float> coefficients,
        SignPattern signs,
        ReadOnlySpan<float> margins,
        out System.Runtime.Intrinsics.Vector256<ushort> bits)
    {
        Span<float> turned = stackalloc float[MedianSplit.Count];
        Span<int> keys = stackalloc int[MedianSplit.Count];
        signs.Apply(coefficients, turned);
        var split = MedianSplit.Find(turned, keys);
        bits = MedianSplit.BitsAbove(keys, split);
        return ReferenceMargin.IsSplitCertain(turned, keys, split, margins);
    }
}
