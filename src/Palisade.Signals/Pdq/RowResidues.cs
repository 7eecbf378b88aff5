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
/// All samples but the first and the last but one of these rows are whole numbers of sixteenths. Once the first has left
/// the sum, the sum is whole again but for a residue, which in all but a few rows is nothing, and then no later addition
/// rounds. A residue that is something is followed along its row: it changes only where the sum is so large that its last
/// place is coarser than the residue.
/// Rows lie in vectors as unpacking leaves them: 0 to 3 and 8 to 11, then 4 to 7 and 12 to 15.
/// </remarks>
internal sealed class RowResidues
{
    public const int Rows = 16;

    private const int Side = ByteBlur.PictureSide;
    private const int Kept = PdqTransform.Side;

    /// <summary>The first and last column whose whole sum a residue may meet; sums are of five means from there on.</summary>
    private const int FirstFive = 1;
    private const int LastFive = 504;

    private readonly float[] _residues = new float[Rows * Kept];
    private readonly float[] _ends = new float[Rows];
    private int _rowsWithAny;
    private readonly short[] _scratch = new short[2 * (Side + 32)];

    /// <summary>64 times the whole mean of each row at the last kept column, residue and all.</summary>
    public ReadOnlySpan<float> Ends => _ends;

    /// <summary>Whether a row has a residue anywhere.</summary>
    public bool HasAny(int row) => (_rowsWithAny & (1 << row)) != 0;

    /// <summary>64 times the residue of a mean, for each kept column of a row that has any.</summary>
    public ReadOnlySpan<float> Of(int row) => _residues.AsSpan(row * Kept, Kept);

    public void Read(ref byte luma, int firstRow, EdgeSums edges, EdgeColumns left, EdgeColumns right)
    {
        ReadEnds(firstRow, edges.LastColumn, right);
        var (low, high) = Begin(firstRow, edges.FirstColumn, left);
        _rowsWithAny = 0;
        if (Vector256.EqualsAll(low, Vector256<float>.Zero) && Vector256.EqualsAll(high, Vector256<float>.Zero))
        {
            return;
        }

        Span<float> residues = stackalloc float[Rows];
        low.GetLower().CopyTo(residues);
        high.GetLower().CopyTo(residues[4..]);
        low.GetUpper().CopyTo(residues[8..]);
        high.GetUpper().CopyTo(residues[12..]);
        for (var row = 0; row < Rows && firstRow + row < Side - 2; row++)
        {
            if (residues[row] != 0)
            {
                _rowsWithAny |= 1 << row;
                Follow(ref Unsafe.Add(ref luma, (firstRow + row - 1) * Side), row, residues[row]);
                EndWith(_residues[(row * Kept) + Kept - 1], row, firstRow + row, edges.LastColumn, right);
            }
        }
    }

    /// <summary>What the rounded first sample leaves behind when it has left the window.</summary>
    private static (Vector256<float> Low, Vector256<float> High) Begin(
        int firstRow, float[] firstColumn, EdgeColumns left)
    {
        var four0 = left.Fours(0, firstRow);
        var four1 = left.Fours(1, firstRow);
        var four2 = left.Fours(2, firstRow);
        var four3 = left.Fours(3, firstRow);
        var four4 = left.Fours(4, firstRow);
        var four5 = left.Fours(5, firstRow);
        var four6 = left.Fours(6, firstRow);
        var four7 = left.Fours(7, firstRow);

        // Sixteen times the means in columns 1 to 5.
        var mean1 = four0 + four1 + four2 + four3;
        var mean2 = four1 + four2 + four3 + four4;
        var mean3 = four2 + four3 + four4 + four5;
        var mean4 = four3 + four4 + four5 + four6;
        var mean5 = four4 + four5 + four6 + four7;
        return (Start(false), Start(true));

        Vector256<float> Start(bool isHigh)
        {
            var leaving = Edge(firstColumn, firstRow, isHigh);
            var sum = leaving + Widen(mean1, isHigh);
            sum += Widen(mean2, isHigh);
            sum += Widen(mean3, isHigh);
            sum += Widen(mean4, isHigh);
            sum -= leaving;
            sum += Widen(mean5, isHigh);
            sum -= Widen(mean1, isHigh);
            return sum - Widen(mean2 + mean3 + mean4 + mean5, isHigh);
        }
    }

    /// <summary>The last kept column, whose window ends with the rounded sample of column 510, without residues.</summary>
    private void ReadEnds(int firstRow, float[] lastColumn, EdgeColumns right)
    {
        var (leaving, four) = LastMeans(firstRow, right);
        Finish(false);
        Finish(true);

        void Finish(bool isHigh)
        {
            var sum = Widen(four, isHigh) + Edge(lastColumn, firstRow, isHigh) - Widen(leaving, isHigh);
            sum.GetLower().StoreUnsafe(ref _ends[isHigh ? 4 : 0]);
            sum.GetUpper().StoreUnsafe(ref _ends[isHigh ? 12 : 8]);
        }
    }

    private void EndWith(float residue, int row, int pictureRow, float[] lastColumn, EdgeColumns right)
    {
        var (leaving, four) = LastMeans(pictureRow, right);
        _ends[row] = four[0] + residue + lastColumn[pictureRow] - leaving[0];
    }

    /// <summary>Sixteen times the mean at column 506, and at that to 509 together.</summary>
    private static (Vector256<short> Leaving, Vector256<short> Four) LastMeans(int firstRow, EdgeColumns right)
    {
        const int First = 505 - Side + EdgeColumns.Count;
        var middle = right.Fours(First + 3, firstRow);
        var second = right.Fours(First + 1, firstRow);
        var third = right.Fours(First + 2, firstRow);
        var fifth = right.Fours(First + 4, firstRow);
        var sixth = right.Fours(First + 5, firstRow);
        var ends = right.Fours(First, firstRow) + right.Fours(First + 6, firstRow);
        var leaving = right.Fours(First, firstRow) + second + third + middle;
        var twos = second + sixth;
        var threes = third + fifth;
        return (leaving, ends + (twos << 1) + (threes << 1) + threes + (middle << 2));
    }

    /// <summary>Follows a residue along its row, from the first kept column to the last.</summary>
    private void Follow(ref byte rowBefore, int row, float residue)
    {
        var target = _residues.AsSpan(row * Kept, Kept);
        target.Fill(residue);
        var fives = SumFives(ref rowBefore);
        for (var at = FirstFive; residue != 0; at++)
        {
            at = FirstFrom(fives, at, CoarserFrom(residue));
            if (at > LastFive)
            {
                return;
            }

            var rounded = fives[at] + residue - fives[at];
            if (rounded != residue)
            {
                // A kept column's last sum of five begins one after it times eight.
                residue = rounded;
                target[((at + 6) / 8)..].Fill(residue);
            }
        }
    }

    /// <summary>The least whole sum that is too large to hold the residue without rounding.</summary>
    private static int CoarserFrom(float residue)
    {
        // Single precision has 24 places; the residue's lowest one is what must go.
        var bits = BitConverter.SingleToInt32Bits(residue);
        var lowest = ((bits >> 23) & 0xFF) - 127 - 23 + BitOperations.TrailingZeroCount(bits | (1 << 23));
        return lowest + 24 < 31 ? 1 << Math.Max(lowest + 24, 0) : int.MaxValue;
    }

    private static int FirstFrom(ReadOnlySpan<short> sums, int from, int least)
    {
        if (least > short.MaxValue)
        {
            return sums.Length;
        }

        var found = sums[from..].IndexOfAnyInRange((short)least, short.MaxValue);
        return found < 0 ? sums.Length : from + found;
    }

    /// <summary>
    /// Sixteen times the sums of five means, each from the mean one column on: what the running sum holds after an addition.
    /// </summary>
    private ReadOnlySpan<short> SumFives(ref byte rowBefore)
    {
        ref var four = ref _scratch[0];
        ref var mean = ref _scratch[Side + 32];
        for (nuint at = 0; at < Side; at += 16)
        {
            (Wide(ref rowBefore, at) + Wide(ref rowBefore, at + Side) + Wide(ref rowBefore, at + (2 * Side)) +
                Wide(ref rowBefore, at + (3 * Side))).StoreUnsafe(ref four, at);
        }

        for (nuint at = 0; at < Side; at += 16)
        {
            (Vector256.LoadUnsafe(ref four, at) + Vector256.LoadUnsafe(ref four, at + 1) +
                Vector256.LoadUnsafe(ref four, at + 2) + Vector256.LoadUnsafe(ref four, at + 3))
                .StoreUnsafe(ref mean, at);
        }

        for (nuint at = 0; at < Side; at += 16)
        {
            (Vector256.LoadUnsafe(ref mean, at) + Vector256.LoadUnsafe(ref mean, at + 1) +
                Vector256.LoadUnsafe(ref mean, at + 2) + Vector256.LoadUnsafe(ref mean, at + 3) +
                Vector256.LoadUnsafe(ref mean, at + 4)).StoreUnsafe(ref four, at);
        }

        return _scratch.AsSpan(0, LastFive + 1);

        static Vector256<short> Wide(ref byte pixels, nuint at) =>
            Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref pixels, at));
    }

    private static Vector256<float> Edge(float[] column, int firstRow, bool isHigh)
    {
        ref var edge = ref column[firstRow + (isHigh ? 4 : 0)];
        return Vector256.Create(Vector128.LoadUnsafe(ref edge), Vector128.LoadUnsafe(ref edge, 8));
    }

    private static Vector256<float> Widen(Vector256<short> numbers, bool isHigh) => Vector256.ConvertToSingle(
        (isHigh
            ? Avx2.UnpackHigh(numbers, Vector256<short>.Zero)
            : Avx2.UnpackLow(numbers, Vector256<short>.Zero)).AsInt32());
}
