using Palisade.Signals.Regions;

namespace Palisade.Server.Bench.Derivatives;

/// <summary>How well a finding and a mask agree, on a grid of 64 x 64 over the altered picture.</summary>
internal static class MapOverlap
{
    private const int Side = 64;

    /// <summary>
    /// The area in both over the area in either. What lies outside the enrolled picture's frame is not from it, and counts
    /// as altered.
    /// </summary>
    /// <param name="mask">White where altered.</param>
    public static double Of(RegionFinding finding, RegionPicture mask)
    {
        var luma = mask.Luma.Span;
        var (width, height) = (mask.Frame.Width, mask.Frame.Height);
        var (both, either) = (0, 0);
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                var isAltered = Mean(luma, width, x * width / Side, (x + 1) * width / Side, y * height / Side, (y + 1) * height / Side) >= 128;
                var isSeen = finding.AtUpload((x + 0.5) / Side, (y + 0.5) / Side) is null or MapState.Altered or MapState.Blurred;
                both += isAltered && isSeen ? 1 : 0;
                either += isAltered || isSeen ? 1 : 0;
            }
        }

        return either == 0 ? 1 : both / (double)either;
    }

    private static double Mean(ReadOnlySpan<byte> luma, int stride, int left, int right, int top, int bottom)
    {
        (right, bottom) = (Math.Max(right, left + 1), Math.Max(bottom, top + 1));
        var sum = 0L;
        for (var y = top; y < bottom; y++)
        {
            foreach (var pixel in luma[((y * stride) + left)..((y * stride) + right)])
            {
                sum += pixel;
            }
        }

        return sum / ((double)(right - left) * (bottom - top));
    }
}
