using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Pdq;

/// <summary>
/// How far the reference's own rounding can carry it from the exact filter of 512 x 512 bytes of luma, and whether a
/// hash or a quality made from the exact samples is then certainly the reference's.
/// </summary>
/// <remarks>Derived in docs/reference/pdq-exactness.md; names in comments are that page's.</remarks>
internal static class ReferenceMargin
{
    private const int Side = PdqTransform.Side;
    private const int Rows = PdqTransform.Coefficients;

    /// <summary>u: a rounding's largest relative error in single precision.</summary>
    private const double Rounding = 1.0 / (1 << 24);

    /// <summary>Half a last place at 1024 to 2048, where the sum of five samples of up to 255 may lie.</summary>
    private const double AddError = 1.0 / (1 << 14);

    /// <summary>Half a last place at 512 to 1024, where the sum of four may lie.</summary>
    private const double SubtractError = AddError / 2;

    /// <summary>Half a last place at 128 to 256.</summary>
    private const double MeanError = 1.0 / (1 << 17);

    /// <summary>g: how far a sample's column sum can drift from one sampled row to the next, eight rows on.</summary>
    private const double DriftStep = 8 * (AddError + SubtractError) / 4;

    /// <summary>The drift at the first sampled row, after seven additions and three subtractions.</summary>
    private const double FirstDrift = ((7 * AddError) + (3 * SubtractError)) / 4;

    /// <summary>What the first column's thirds leave behind in a row's running sum, in a sample.</summary>
    private const double Residue = 19.0 / (1 << 18);

    /// <summary>Gradient steps for one step of luma: one hundredth of full scale is one.</summary>
    private const double Steps = 100.0 / 255;

    /// <summary>What rounding the three operations of a gradient can add, with room.</summary>
    private const double StepRounding = 5e-5;

    private static readonly Bounds Fixed = Bounds.Derive(PdqTransform.CosineTable);

    /// <summary>For each row of coefficients, how far the reference's can be from ours.</summary>
    public static void Derive(ReadOnlySpan<float> samples, ReadOnlySpan<float> half, Span<float> margins)
    {
        var total = Vector256<float>.Zero;
        foreach (var lane in MemoryMarshal.Cast<float, Vector256<float>>(samples))
        {
            total += lane;
        }

        var mean = Vector256.Sum(total) / (Side * Side);
        var spread = Math.Sqrt(SumOfSquares(samples, mean)) * 1.0001;
        for (var row = 0; row < margins.Length; row++)
        {
            var norm = Math.Sqrt(SumOfSquares(half.Slice(row * Side, Side), 0)) * 1.0001;
            margins[row] = (float)(Fixed.Constant[row] + (Fixed.ByMean[row] * mean) +
                (Fixed.BySpread[row] * (spread + 1)) + (Fixed.ByNorm * (norm + 1)));
        }
    }

    /// <summary>Whether no coefficient above the split can be the reference's at or under it, nor the other way.</summary>
    public static bool IsSplitCertain(
        ReadOnlySpan<float> coefficients, ReadOnlySpan<int> keys, int split, ReadOnlySpan<float> margins)
    {
        var splits = Vector256.Create(split);
        var lowestAbove = Vector256.Create(float.MaxValue);
        var highestUnder = Vector256.Create(float.MinValue);
        for (var at = 0; at < MedianSplit.Count; at += Vector256<float>.Count)
        {
            var values = Vector256.Create(coefficients[at..]);
            var margin = Vector256.Create(margins[at / Rows]);
            var isAbove = Vector256.GreaterThan(Vector256.Create(keys[at..]), splits).AsSingle();
            lowestAbove = Vector256.Min(
                lowestAbove, Vector256.ConditionalSelect(isAbove, values - margin, Vector256.Create(float.MaxValue)));
            highestUnder = Vector256.Max(
                highestUnder, Vector256.ConditionalSelect(isAbove, Vector256.Create(float.MinValue), values + margin));
        }

        var (lowest, highest) = (lowestAbove[0], highestUnder[0]);
        for (var lane = 1; lane < Vector256<float>.Count; lane++)
        {
            (lowest, highest) = (Math.Min(lowest, lowestAbove[lane]), Math.Max(highest, highestUnder[lane]));
        }

        return lowest > highest;
    }

    /// <summary>The quality, if every way the gradients may fall gives the same.</summary>
    public static bool TryQuality(ReadOnlySpan<float> samples, out int quality)
    {
        ref var sample = ref MemoryMarshal.GetReference(samples[..(Side * Side)]);
        var (least, most) = (Vector256<int>.Zero, Vector256<int>.Zero);
        for (var row = 0; row < Side; row++)
        {
            var across = Vector256.Create(Fixed.Across[row]);
            var down = Vector256.Create(Fixed.Down[row]);
            for (var column = 0; column < Side; column += 8)
            {
                var at = (nuint)((row * Side) + column);
                var isLast = column == Side - 8;
                if (row < Side - 1)
                {
                    Count(ref sample, at, at + Side, isLast ? down + Vector256.Create(Fixed.Edge) : down);
                }

                if (!isLast)
                {
                    Count(ref sample, at, at + 1, across);
                    continue;
                }

                // Seven pairs, of which the first was counted with the vector before.
                var fromBefore = Vector256.Create(0f, 1, 1, 1, 1, 1, 1, 1) * 100;
                CountMasked(ref sample, at - 1, at, across + Vector256.Create(Fixed.Edge), fromBefore);
            }
        }

        var (fewest, greatest) = (Vector256.Sum(least), Vector256.Sum(most));
        quality = Math.Min(100, fewest / 90);
        return quality == Math.Min(100, greatest / 90);

        void Count(ref float sample, nuint at, nuint neighbour, Vector256<float> margin) =>
            CountMasked(ref sample, at, neighbour, margin, Vector256.Create(100f));

        void CountMasked(
            ref float sample, nuint at, nuint neighbour, Vector256<float> margin, Vector256<float> hundred)
        {
            var step = Vector256.LoadUnsafe(ref sample, at) - Vector256.LoadUnsafe(ref sample, neighbour);
            var size = Vector256.Abs(step) * hundred * (1f / 255);
            var lower = Vector256.Max(size - margin, Vector256<float>.Zero);
            least += Vector256.ConvertToInt32Native(lower);
            most += Vector256.ConvertToInt32Native(size + margin);
        }
    }

    private static float SumOfSquares(ReadOnlySpan<float> values, float mean)
    {
        var squares = Vector256<float>.Zero;
        foreach (var lane in MemoryMarshal.Cast<float, Vector256<float>>(values))
        {
            var deviation = lane - Vector256.Create(mean);
            squares += deviation * deviation;
        }

        return Vector256.Sum(squares);
    }

    /// <summary>What does not depend on the picture.</summary>
    private sealed record Bounds(
        double[] Constant, double[] ByMean, double[] BySpread, double ByNorm, float[] Across, float[] Down, float Edge)
    {
        public static Bounds Derive(ReadOnlySpan<float> cosines)
        {
            var table = cosines.ToArray();
            double Cosine(int frequency, int sample) => table[(sample * Rows) + frequency];
            var frequencies = Enumerable.Range(0, Rows).ToArray();
            var places = Enumerable.Range(0, Side).ToArray();

            // b: sums of absolute cosines; c: of absolute partial sums; q: of norms of partial rows.
            var b = frequencies.Select(i => places.Sum(k => Math.Abs(Cosine(i, k)))).ToArray();
            var partial = frequencies.Select(i => places.Select(k => places[..(k + 1)].Sum(m => Cosine(i, m))).ToArray())
                .ToArray();
            var c = partial.Select(sums => sums.Sum(Math.Abs)).ToArray();
            var q = frequencies.Select(i => places.Sum(k => Math.Sqrt(places[..(k + 1)].Sum(m => Square(Cosine(i, m))))))
                .ToArray();
            var (mostB, mostQ) = (b.Max(), q.Max());

            var lastDrift = FirstDrift + ((Side - 1) * DriftStep);
            var column = places.Select(LastColumn).ToArray();
            var row = places.Select(LastRow).ToArray();
            var lastOfColumns = frequencies.Max(j => Math.Abs(Cosine(j, Side - 1)));
            var lastRow = frequencies.Max(j => places.Sum(l => Math.Abs(Cosine(j, l)) * row[l]));

            double Constant(int i)
            {
                var drift = mostB * ((DriftStep * c[i]) + (lastDrift * Math.Abs(partial[i][Side - 1])));
                var residue = b[i] * mostB * Residue;
                var edges = (lastOfColumns * places.Sum(k => Math.Abs(Cosine(i, k)) * column[k])) +
                    (Math.Abs(Cosine(i, Side - 1)) * lastRow);
                var rounding = 2 * Rounding * ((255 * b[i] * mostB) + (0.3 * Side * mostB));
                return ((drift + residue + edges + rounding) * 1.01) + 1e-5;
            }

            var sampleEdge = Math.Max(column.Max(), row.Max());
            return new(
                frequencies.Select(Constant).ToArray(),
                frequencies.Select(i => 2.02 * Rounding * mostB * c[i]).ToArray(),
                frequencies.Select(i => 2.02 * Rounding * q[i]).ToArray(),
                2.02 * Rounding * (1 + mostQ),
                places.Select(k => Gradient((2 * (FirstDrift + (k * DriftStep) + Residue)) + Border(k))).ToArray(),
                places.Select(k => Gradient(DriftStep + (2 * Residue) + Border(k + 1))).ToArray(),
                (float)(2 * Steps * sampleEdge));

            double Border(int k) => k >= Side - 1 ? 2 * sampleEdge : 0;

            static float Gradient(double samples) => (float)((Steps * samples) + StepRounding);
        }

        /// <summary>What the last sampled column adds: column 510 of the first round was divided by three.</summary>
        private static double LastColumn(int k)
        {
            var row = (8 * k) + 6;
            var sum = ((row + 3) * (AddError + SubtractError)) + (4 * MeanError);
            return ((AddError + SubtractError) / 4) + (((sum / 3) + MeanError) / 4) + MeanError;
        }

        /// <summary>What the last sampled row adds: every sample of row 510 of the first round was divided by three.</summary>
        private static double LastRow(int l)
        {
            var sum = ((8 * l) + 7) * (AddError + SubtractError);
            return (((sum / 4) + MeanError) / 4) + MeanError;
        }

        private static double Square(double value) => value * value;
    }
}
