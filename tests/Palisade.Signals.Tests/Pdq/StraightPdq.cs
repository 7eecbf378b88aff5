using Palisade.Signals.Pdq;

namespace Palisade.Signals.Tests.Pdq;

/// <summary>
/// PDQ written down plainly from its description: whole pictures in memory, one loop a step, single precision. Slow,
/// and shares no code with the hasher that it checks.
/// </summary>
internal static class StraightPdq
{
    public static PdqFingerprint Hash(ReadOnlySpan<byte> rgb, int width, int height, PdqProfile profile)
    {
        if (width < 5 || height < 5)
        {
            return default;
        }

        var luma = new float[height, width];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var at = ((y * width) + x) * 3;
                luma[y, x] = (0.299f * rgb[at]) + (0.587f * rgb[at + 1]) + (0.114f * rgb[at + 2]);
            }
        }

        if (profile == PdqProfile.Nn512 && (width > 512 || height > 512))
        {
            luma = SampleTo512(luma);
        }

        var samples = Decimate(luma);
        return new PdqFingerprint(Orient(Transform(samples)), Quality(samples));
    }

    public static float[,] Decimate(float[,] picture)
    {
        var (height, width) = (picture.GetLength(0), picture.GetLength(1));
        if (height != 64 || width != 64)
        {
            for (var round = 0; round < 2; round++)
            {
                picture = BlurColumns(BlurRows(picture));
            }
        }

        var samples = new float[64, 64];
        for (var i = 0; i < 64; i++)
        {
            for (var j = 0; j < 64; j++)
            {
                samples[i, j] = picture[(int)((i + 0.5) * height / 64), (int)((j + 0.5) * width / 64)];
            }
        }

        return samples;
    }

    private static float[,] SampleTo512(float[,] picture)
    {
        var sampled = new float[512, 512];
        for (var y = 0; y < 512; y++)
        {
            for (var x = 0; x < 512; x++)
            {
                sampled[y, x] = picture[y * picture.GetLength(0) / 512, x * picture.GetLength(1) / 512];
            }
        }

        return sampled;
    }

    private static float[,] BlurRows(float[,] picture)
    {
        var blurred = new float[picture.GetLength(0), picture.GetLength(1)];
        for (var y = 0; y < picture.GetLength(0); y++)
        {
            var line = Enumerable.Range(0, picture.GetLength(1)).Select(x => picture[y, x]).ToArray();
            var means = Box(line);
            for (var x = 0; x < means.Length; x++)
            {
                blurred[y, x] = means[x];
            }
        }

        return blurred;
    }

    private static float[,] BlurColumns(float[,] picture) => Transposed(BlurRows(Transposed(picture)));

    private static float[,] Transposed(float[,] picture)
    {
        var transposed = new float[picture.GetLength(1), picture.GetLength(0)];
        for (var y = 0; y < picture.GetLength(0); y++)
        {
            for (var x = 0; x < picture.GetLength(1); x++)
            {
                transposed[x, y] = picture[y, x];
            }
        }

        return transposed;
    }

    /// <summary>The reference's four phases: fill the half window, grow, move, shrink.</summary>
    private static float[] Box(float[] line)
    {
        var window = (line.Length + 127) / 128;
        var half = (window + 2) / 2;
        var means = new float[line.Length];
        var (left, right, output, count, sum) = (0, 0, 0, 0, 0f);
        for (var i = 0; i < half - 1; i++)
        {
            sum += line[right++];
            count++;
        }

        for (var i = 0; i < window - half + 1; i++)
        {
            sum += line[right++];
            count++;
            means[output++] = sum / count;
        }

        for (var i = 0; i < line.Length - window; i++)
        {
            sum += line[right++];
            sum -= line[left++];
            means[output++] = sum / count;
        }

        for (var i = 0; i < half - 1; i++)
        {
            sum -= line[left++];
            count--;
            means[output++] = sum / count;
        }

        return means;
    }

    private static int Quality(float[,] samples)
    {
        var gradients = 0;
        for (var i = 0; i < 64; i++)
        {
            for (var j = 0; j < 64; j++)
            {
                gradients += i < 63 ? Math.Abs((int)((samples[i, j] - samples[i + 1, j]) * 100 / 255)) : 0;
                gradients += j < 63 ? Math.Abs((int)((samples[i, j] - samples[i, j + 1]) * 100 / 255)) : 0;
            }
        }

        return Math.Min(100, gradients / 90);
    }

    private static float[,] Transform(float[,] samples)
    {
        float Cosine(int i, int j) =>
            (float)((float)Math.Sqrt(2.0 / 64) * Math.Cos(Math.PI / 2 / 64.0 * (i + 1) * ((2 * j) + 1)));

        var cosines = new float[16, 64];
        for (var i = 0; i < 16; i++)
        {
            for (var j = 0; j < 64; j++)
            {
                cosines[i, j] = Cosine(i, j);
            }
        }

        var half = new float[16, 64];
        for (var i = 0; i < 16; i++)
        {
            for (var j = 0; j < 64; j++)
            {
                for (var k = 0; k < 64; k++)
                {
                    half[i, j] += cosines[i, k] * samples[k, j];
                }
            }
        }

        var coefficients = new float[16, 16];
        for (var i = 0; i < 16; i++)
        {
            for (var j = 0; j < 16; j++)
            {
                for (var k = 0; k < 64; k++)
                {
                    coefficients[i, j] += half[i, k] * cosines[j, k];
                }
            }
        }

        return coefficients;
    }

    /// <summary>The table of signs and transpositions, line by line.</summary>
    private static DihedralHashes Orient(float[,] b)
    {
        var hashes = default(DihedralHashes);
        hashes[Orientation.Original] = Threshold((i, j) => b[i, j]);
        hashes[Orientation.Rotate90] = Threshold((j, i) => j % 2 == 1 ? b[i, j] : -b[i, j]);
        hashes[Orientation.Rotate180] = Threshold((i, j) => (i + j) % 2 == 1 ? -b[i, j] : b[i, j]);
        hashes[Orientation.Rotate270] = Threshold((j, i) => i % 2 == 1 ? b[i, j] : -b[i, j]);
        hashes[Orientation.FlipX] = Threshold((i, j) => i % 2 == 1 ? b[i, j] : -b[i, j]);
        hashes[Orientation.FlipY] = Threshold((i, j) => j % 2 == 1 ? b[i, j] : -b[i, j]);
        hashes[Orientation.FlipPlus1] = Threshold((j, i) => b[i, j]);
        hashes[Orientation.FlipMinus1] = Threshold((j, i) => (i + j) % 2 == 1 ? -b[i, j] : b[i, j]);
        return hashes;
    }

    private static PdqHash Threshold(Func<int, int, float> coefficient)
    {
        var values = Enumerable.Range(0, 256).Select(k => coefficient(k / 16, k % 16)).ToArray();
        var median = values.Order().ElementAt(127);

        // The number's text is its bits, the last coefficient first, four to a digit.
        var digits = Enumerable.Range(0, 64).Select(digit =>
            Enumerable.Range(0, 4).Sum(bit => values[(4 * (63 - digit)) + bit] > median ? 1 << bit : 0).ToString("x"));
        return PdqHash.Parse(string.Concat(digits));
    }
}
