using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Pdq;

/// <summary>
/// What rounding leaves in the second round's running sums along sixteen rows, at the kept columns.
/// </summary>
/// <remarks>
/// All samples but the first and the last but one of these rows are whole numbers (of sixteenths). The first leaves a
/// residue in the sum: the sum less what the whole numbers give. Afterwards it changes only where the sum rises to a
/// power of two that it had not reached, since a coarser last place rounds the residue off. So most of the row can be
/// skipped: where no pixel is bright enough, or where all are and the new last place is known. Elsewhere the sums are
/// computed, eight steps at a time, sixteen rows side by side.
/// Rows lie in vectors as unpacking leaves them: 0 to 3 and 8 to 11, then 4 to 7 and 12 to 15.
/// </remarks>
internal sealed class RowResidues
{
    public const int Rows = 16;

    private const int Side = ByteBlur.PictureSide;
    private const int Kept = PdqTransform.Side;

    /// <summary>From one row of residues to the next: writing them may reach seven beyond.</summary>
    private const int Stride = Kept + 8;

    private readonly float[] _residues = new float[(Rows * Stride) + 8];
    private readonly float[] _ends = new float[Rows];
    private readonly byte[] _bounds = new byte[2 * Kept];
    private int _written;

    /// <summary>64 times the residue of a mean, for each kept column of a row.</summary>
    public ref float this[int row] => ref _residues[row * Stride];

    /// <summary>64 times the whole mean of each row at the last kept column.</summary>
    public ReadOnlySpan<float> Ends => _ends;

    public void Read(ref byte luma, int firstRow, EdgeSums edges, TentRows tents, bool isLastBand)
    {
        var least = _bounds.AsSpan(0, Kept);
        var greatest = _bounds.AsSpan(Kept);
        tents.BoundBlocks(least, greatest, isLastBand);
        _written = 0;

        var (low, high, sums) = Begin(ref luma, firstRow, edges.FirstColumn);
        var reached = LeadingPower(sums);
        var pending = BrightBlocks(reached, 1);
        while (pending != 0)
        {
            var block = BitOperations.TrailingZeroCount(pending);
            Write(low, high, block);
            var power = BitOperations.Log2((uint)(80 * greatest[block]));
            if (80 * least[block] >= 1 << power)
            {
                // Every sum of the block lies between this power of two and the next.
                (low, high) = (Round(low, power), Round(high, power));
                reached = power;
            }
            else
            {
                var steps = new Columns(ref luma, firstRow, (8 * block) - 7);
                sums = steps.Move(1, 8, ref low, ref high);
                reached = Math.Max(reached, LeadingPower(sums));
            }

            pending = block == Kept - 2 ? 0 : BrightBlocks(reached, block + 1);
        }

        Write(low, high, Kept);
        End(ref luma, firstRow, edges.LastColumn, low, high);
    }

    /// <summary>Blocks, from one on, whose sums may reach beyond a power of two; but not the last.</summary>
    private ulong BrightBlocks(int reached, int from)
    {
        var brightness = ((2 << reached) + 79) / 80;
        if (brightness > byte.MaxValue)
        {
            return 0;
        }

        var threshold = Vector256.Create((byte)Math.Max(brightness, 1));
        ref var greatest = ref _bounds[Kept];
        ulong low = Reach(Vector256.LoadUnsafe(ref greatest));
        ulong high = Reach(Vector256.LoadUnsafe(ref greatest, 32));
        return (low | (high << 32)) & (ulong.MaxValue << from) & (ulong.MaxValue >> 1);

        uint Reach(Vector256<byte> pixels) =>
            Vector256.Equals(Vector256.Max(pixels, threshold), pixels).ExtractMostSignificantBits();
    }

    /// <summary>The first sums, with the rounded first sample among them, up to the first kept column.</summary>
    private static (Vector256<float> Low, Vector256<float> High, Vector256<short> Sums) Begin(
        ref byte luma, int firstRow, float[] firstColumn)
    {
        var columns = new Columns(ref luma, firstRow, 0);
        var (first, second, third) = (columns.Mean(0), columns.Mean(1), columns.Mean(2));
        var (fourth, fifth, sixth) = (columns.Mean(3), columns.Mean(4), columns.Mean(5));
        var four = third + fourth + fifth + sixth;
        var low = Start(false);
        var high = Start(true);
        return (low, high, Vector256.Max(four + second, four - sixth + first + second));

        Vector256<float> Start(bool isHigh)
        {
            var leaving = Edge(firstColumn, firstRow, isHigh);
            var sum = leaving + Widen(first, isHigh);
            sum += Widen(second, isHigh);
            sum += Widen(third, isHigh);
            sum += Widen(fourth, isHigh);
            sum -= leaving;
            sum += Widen(fifth, isHigh);
            sum -= Widen(first, isHigh);
            sum += Widen(sixth, isHigh);
            sum -= Widen(second, isHigh);
            return sum - Widen(four, isHigh);
        }
    }

    /// <summary>The last kept column, whose window ends with the rounded sample of column 510.</summary>
    private void End(
        ref byte luma, int firstRow, float[] lastColumn, Vector256<float> low, Vector256<float> high)
    {
        var columns = new Columns(ref luma, firstRow, Side - 16);
        columns.Move(2, 7, ref low, ref high);
        var leaving = columns.Mean(9);
        var four = leaving + columns.Mean(10) + columns.Mean(11) + columns.Mean(12);
        Finish(low, false);
        Finish(high, true);

        void Finish(Vector256<float> residue, bool isHigh)
        {
            var sum = Widen(four, isHigh) + residue + Edge(lastColumn, firstRow, isHigh) - Widen(leaving, isHigh);
            sum.GetLower().StoreUnsafe(ref _ends[isHigh ? 4 : 0]);
            sum.GetUpper().StoreUnsafe(ref _ends[isHigh ? 12 : 8]);
        }
    }

    private static Vector256<float> Edge(float[] column, int firstRow, bool isHigh)
    {
        ref var edge = ref column[firstRow + (isHigh ? 4 : 0)];
        return Vector256.Create(Vector128.LoadUnsafe(ref edge), Vector128.LoadUnsafe(ref edge, 8));
    }

    /// <summary>Writes residues for the kept columns up to a block.</summary>
    private void Write(Vector256<float> low, Vector256<float> high, int end)
    {
        Span<float> ordered = stackalloc float[Rows];
        low.GetLower().CopyTo(ordered);
        high.GetLower().CopyTo(ordered[4..]);
        low.GetUpper().CopyTo(ordered[8..]);
        high.GetUpper().CopyTo(ordered[12..]);
        for (var row = 0; row < Rows; row++)
        {
            ref var target = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_residues), row * Stride);
            var residue = Vector256.Create(ordered[row]);
            for (var at = _written; at < end; at += 8)
            {
                residue.StoreUnsafe(ref target, (nuint)at);
            }
        }

        _written = end;
    }

    /// <summary>Rounds to the last place of sums from 2^power on (in sixteenths), ties to even.</summary>
    private static Vector256<float> Round(Vector256<float> residue, int power)
    {
        // Odd multiples of this last place are odd in the residue and in the sum alike.
        var shift = Vector256.Create(1.5f * (1 << power));
        return residue + shift - shift;
    }

    /// <summary>The power of two that all of sixteen whole sums reach; -1 if one is nothing.</summary>
    private static int LeadingPower(Vector256<short> sums)
    {
        var least = Vector128.Min(sums.GetLower(), sums.GetUpper()).AsUInt16();
        var smallest = Sse41.MinHorizontal(least).ToScalar();
        return smallest == 0 ? -1 : BitOperations.Log2(smallest);
    }

    private static Vector256<float> Widen(Vector256<short> numbers, bool isHigh) => Vector256.ConvertToSingle(
        (isHigh
            ? Avx2.UnpackHigh(numbers, Vector256<short>.Zero)
            : Avx2.UnpackLow(numbers, Vector256<short>.Zero)).AsInt32());

    /// <summary>Sixteen columns of the first round's column sums (of four rows), sixteen rows side by side.</summary>
    private struct Columns
    {
        private Sixteen _sums;

        public Columns(ref byte luma, int firstRow, int firstColumn)
        {
            var before = Row(ref luma, firstRow - 1, firstColumn);
            var current = Row(ref luma, firstRow, firstColumn);
            var next = Row(ref luma, firstRow + 1, firstColumn);
            var pair = before + current;
            var nextPair = current + next;
            for (var row = 0; row < Rows; row++)
            {
                var last = Row(ref luma, firstRow + row + 2, firstColumn);
                var lastPair = next + last;
                _sums[row] = pair + lastPair;
                (pair, nextPair, next) = (nextPair, lastPair, last);
            }

            Transpose(ref _sums[0]);
        }

        /// <summary>Sixteen times the mean whose window begins at a column.</summary>
        public readonly Vector256<short> Mean(int column) =>
            _sums[column] + _sums[column + 1] + _sums[column + 2] + _sums[column + 3];

        /// <summary>
        /// Moves the residues on by some steps, each of which adds the mean four columns beyond its first one.
        /// </summary>
        /// <returns>The greatest whole sum of each row.</returns>
        public readonly Vector256<short> Move(int first, int steps, ref Vector256<float> low, ref Vector256<float> high)
        {
            var (mean0, mean1, mean2, mean3) = (Mean(first), Mean(first + 1), Mean(first + 2), Mean(first + 3));
            var four = mean0 + mean1 + mean2 + mean3;
            var greatest = Vector256<short>.Zero;
            for (var step = 0; step < steps; step++)
            {
                var entering = Mean(first + step + 4);
                var five = four + entering;
                greatest = Vector256.Max(greatest, five);
                var whole = Widen(five, false);
                low = whole + low - whole;
                whole = Widen(five, true);
                high = whole + high - whole;
                four = five - Mean(first + step);
            }

            return greatest;
        }

        private static Vector256<short> Row(ref byte luma, int row, int column) => Avx2.ConvertToVector256Int16(
            Vector128.LoadUnsafe(ref luma, (nuint)((Math.Min(row, Side - 1) * Side) + column)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Transpose(ref Vector256<short> rows)
        {
            // Four times: interleave row r with row r + 8.
            Unsafe.SkipInit(out Sixteen other);
            for (var half = 0; half < 2; half++)
            {
                Interleave(ref rows, ref other[0]);
                Interleave(ref other[0], ref rows);
            }
        }

        private static void Interleave(ref Vector256<short> from, ref Vector256<short> to)
        {
            for (var row = 0; row < 8; row++)
            {
                var (one, other) = (Unsafe.Add(ref from, row), Unsafe.Add(ref from, row + 8));
                var (low, high) = (Avx2.UnpackLow(one, other), Avx2.UnpackHigh(one, other));
                Unsafe.Add(ref to, 2 * row) = Avx2.Permute2x128(low, high, 0x20);
                Unsafe.Add(ref to, (2 * row) + 1) = Avx2.Permute2x128(low, high, 0x31);
            }
        }
    }

    [InlineArray(16)]
    private struct Sixteen
    {
        private Vector256<short> _first;
    }
}
