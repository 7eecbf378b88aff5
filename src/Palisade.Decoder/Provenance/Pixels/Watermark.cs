using System.Globalization;
using System.Text;
using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Provenance.Pixels;

/// <summary>
/// The messages of the open library "invisible-watermark" in a picture's chroma: one Haar level, blocks of 4 x 4, one bit a
/// block by where the largest coefficient (dwtDct) or singular value (dwtDctSvd) lies modulo 36.
/// </summary>
/// <remarks>
/// Weak evidence: it lives in untouched originals alone. Found by the correlation of the votes with the message, never by
/// exact bits: flat blocks always vote 0.
/// </remarks>
internal static class Watermark
{
    private const int Scale = 36;
    private const int MinSide = 256;
    private const string Sdxl = "101100111110110010010000011110111011000110011110";

    private static readonly (string Name, string Bits, double Least, bool IsEdit)[] Messages =
    [
        ("StableDiffusionV1", BitsOf("StableDiffusionV1"), 0.30, false),
        ("StableDiffusionV1-Inpainting", BitsOf("StableDiffusionV1-Inpainting"), 0.30, true),
        ("SDXL 48-bit", Sdxl, 0.45, false),
    ];

    public static ProvenanceFinding? Read(ReadOnlySpan<byte> pixels, int width, int height, int bands)
    {
        if (Math.Min(width, height) < MinSide)
        {
            return null;
        }

        ProvenanceFinding? best = null;
        var strongest = 0.0;
        foreach (var isSwapped in (bool[])[false, true])
        {
            var (byLargest, bySingular) = Votes(pixels, width, height, bands, isSwapped);
            foreach (var (votes, method) in ((byte[], string)[])[(byLargest, "dwtDct"), (bySingular, "dwtDctSvd")])
            {
                foreach (var (name, bits, least, isEdit) in Messages)
                {
                    var correlation = Correlation(votes, bits);
                    if (correlation >= least && correlation > strongest)
                    {
                        strongest = correlation;
                        best = new ProvenanceFinding
                        {
                            Mechanism = "watermark:" + method,
                            Declared = isEdit ? DeclaredOrigin.AiEdited : DeclaredOrigin.AiGenerated,
                            LocalEdit = isEdit,
                            Strength = DeclarationStrength.UnsignedPixel,
                            Tool = name,
                            Detail = string.Create(CultureInfo.InvariantCulture, $"correlation {correlation:0.00}"),
                        };
                    }
                }
            }
        }

        return best;
    }

    private static double Correlation(byte[] votes, string bits)
    {
        var n = bits.Length;
        if (votes.Length < 2 * n)
        {
            return 0;
        }

        var (sums, counts) = (new double[n], new int[n]);
        for (var i = 0; i < votes.Length; i++)
        {
            sums[i % n] += votes[i];
            counts[i % n]++;
        }

        var scores = sums.Select((sum, i) => sum / counts[i]).ToArray();
        var (meanScore, meanBit) = (scores.Average(), bits.Average(bit => bit == '1' ? 1.0 : 0.0));
        double product = 0, squares = 0, bitSquares = 0;
        for (var i = 0; i < n; i++)
        {
            var (score, bit) = (scores[i] - meanScore, (bits[i] == '1' ? 1 : 0) - meanBit);
            product += score * bit;
            squares += score * score;
            bitSquares += bit * bit;
        }

        return squares > 0 ? product / Math.Sqrt(squares * bitSquares) : 0;
    }

    private static (byte[] ByLargest, byte[] BySingular) Votes(
        ReadOnlySpan<byte> pixels, int width, int height, int bands, bool isSwapped)
    {
        var (rows, columns) = (height / 4 * 4 / 2, width / 4 * 4 / 2);
        var low = new float[rows * columns];
        for (var y = 0; y < rows; y++)
        {
            for (var x = 0; x < columns; x++)
            {
                var at = ((2 * y * width) + (2 * x)) * bands;
                low[(y * columns) + x] = (Chroma(pixels[at..], isSwapped) + Chroma(pixels[(at + bands)..], isSwapped) +
                    Chroma(pixels[(at + (width * bands))..], isSwapped) +
                    Chroma(pixels[(at + ((width + 1) * bands))..], isSwapped)) / 2f;
            }
        }

        var votes = (ByLargest: new byte[rows / 4 * (columns / 4)], BySingular: new byte[rows / 4 * (columns / 4)]);
        Span<float> block = stackalloc float[16];
        var index = 0;
        for (var y = 0; y + 4 <= rows; y += 4)
        {
            for (var x = 0; x + 4 <= columns; x += 4)
            {
                for (var line = 0; line < 4; line++)
                {
                    low.AsSpan(((y + line) * columns) + x, 4).CopyTo(block[(line * 4)..]);
                }

                var largest = 0f;
                for (var i = 1; i < 16; i++)
                {
                    largest = Math.Max(largest, Math.Abs(block[i]));
                }

                votes.ByLargest[index] = largest % Scale > Scale / 2 ? (byte)1 : (byte)0;

                // The orthonormal DCT turns rows and columns and leaves singular values as they are.
                votes.BySingular[index] = LargestSingular(block) % Scale > Scale / 2 ? (byte)1 : (byte)0;
                index++;
            }
        }

        return votes;
    }

    /// <summary>By power iteration on the block times its transpose: the chroma's mean makes the first value stand far out.</summary>
    private static float LargestSingular(ReadOnlySpan<float> block)
    {
        Span<float> v = [0.5f, 0.5f, 0.5f, 0.5f];
        Span<float> u = stackalloc float[4];
        var norm = 0f;
        for (var round = 0; round < 4; round++)
        {
            norm = 0;
            for (var i = 0; i < 4; i++)
            {
                u[i] = (block[i * 4] * v[0]) + (block[(i * 4) + 1] * v[1]) + (block[(i * 4) + 2] * v[2]) + (block[(i * 4) + 3] * v[3]);
                norm += u[i] * u[i];
            }

            norm = MathF.Sqrt(norm);
            if (norm == 0)
            {
                return 0;
            }

            var length = 0f;
            for (var j = 0; j < 4; j++)
            {
                v[j] = ((block[j] * u[0]) + (block[4 + j] * u[1]) + (block[8 + j] * u[2]) + (block[12 + j] * u[3])) / norm;
                length += v[j] * v[j];
            }

            length = MathF.Sqrt(length);
            for (var j = 0; j < 4; j++)
            {
                v[j] /= length;
            }

            norm = length;
        }

        return norm;
    }

    private static float Chroma(ReadOnlySpan<byte> pixel, bool isSwapped)
    {
        var (red, green, blue) = isSwapped ? (pixel[2], pixel[1], pixel[0]) : (pixel[0], pixel[1], pixel[2]);
        var luma = (0.299f * red) + (0.587f * green) + (0.114f * blue);
        return Math.Clamp(MathF.Round((0.492f * (blue - luma)) + 128f), 0, 255);
    }

    private static string BitsOf(string text) =>
        string.Concat(Encoding.ASCII.GetBytes(text).Select(b => Convert.ToString(b, 2).PadLeft(8, '0')));
}
