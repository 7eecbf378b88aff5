using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Pdq;

/// <summary>
/// The means of the first round that are thirds and therefore rounded, computed in the reference's order: columns 0 and
/// 510, and rows 0 and 510 with what the second round's boxes along them give at the kept columns.
/// </summary>
/// <remarks>
/// These sums are chains in which each addition waits for the one before; so three run side by side, and the last, which
/// needs the ends of two of them, goes in pieces between other work.
/// </remarks>
internal sealed class EdgeSums
{
    /// <summary>How many columns of the last row go in one piece.</summary>
    public const int Piece = 16;

    private const int Side = ByteBlur.PictureSide;
    private const int Kept = PdqTransform.Side;

    /// <summary>Nothing leaves the first sums: numbers begin behind four that are zero.</summary>
    private const int Before = 4;

    /// <summary>What vectors reach beyond the picture.</summary>
    private const int Beyond = 16;

    private readonly float[] _columns = new float[2 * (Before + Side + Beyond)];
    private readonly float[] _columnSums = new float[2 * (Side + Beyond)];
    private readonly float[] _firstRow = new float[Before + Side + Beyond];
    private readonly float[] _lastRow = new float[Before + Side + Beyond];
    private readonly float[] _rowSums = new float[Side];
    private readonly short[] _threes = new short[Side + Beyond];
    private float _lastRowSum;

    /// <summary>Sixteen times the means in column 0, row by row.</summary>
    public float[] FirstColumn { get; } = new float[Side + Beyond];

    /// <summary>Sixteen times the means in column 510, row by row.</summary>
    public float[] LastColumn { get; } = new float[Side + Beyond];

    /// <summary>64 times the second round's means along row 0, at the kept columns.</summary>
    public float[] FirstRow { get; } = new float[Kept];

    /// <summary>64 times the second round's means along row 510, at the kept columns that pieces have reached.</summary>
    public float[] LastRow { get; } = new float[Kept];

    public void Read(ReadOnlySpan<byte> luma, EdgeColumns left, EdgeColumns right)
    {
        ReadRow(luma[..(3 * Side)], _firstRow);
        ReadRow(luma[((Side - 3) * Side)..], _lastRow);
        ReadColumns(left, right);

        // Where a third of a row meets a third of a column; the first window and the last but one hold three rows.
        const int First = 2 * Before;
        const int End = 2 * (Side - 1);
        _firstRow[Before] = (_columns[First] + _columns[First + 2] + _columns[First + 4]) / 3 * 16;
        _firstRow[Before + Side - 2] = (_columns[First + 1] + _columns[First + 3] + _columns[First + 5]) / 3 * 16;
        Run();
        _lastRow[Before] = (_columnSums[End] - _columns[First + End - 6]) / 3 * 16;
        _lastRow[Before + Side - 2] = (_columnSums[End + 1] - _columns[First + End - 5]) / 3 * 16;
        _lastRowSum = 0;
    }

    /// <summary>Moves the sum along row 510 on by one piece.</summary>
    public void RunLastRow(int piece)
    {
        ref var entering = ref _lastRow[Before + (piece * Piece)];
        var sum = _lastRowSum;
        for (var at = 0; at < Piece; at++)
        {
            sum = sum + Unsafe.Add(ref entering, at) - Unsafe.Add(ref entering, at - 4);
            if ((at & 7) == 6)
            {
                LastRow[(piece * 2) + (at / 8)] = sum;
            }
        }

        _lastRowSum = sum;
    }

    /// <summary>A third of the first three columns, and of the last three.</summary>
    private void ReadColumns(EdgeColumns left, EdgeColumns right)
    {
        const int Last = EdgeColumns.Count - 1;
        for (var row = 0; row < Side; row += 16)
        {
            var firsts = left.Pixels(0, row) + left.Pixels(1, row) + left.Pixels(2, row);
            var lasts = right.Pixels(Last - 2, row) + right.Pixels(Last - 1, row) + right.Pixels(Last, row);
            var low = Avx2.UnpackLow(firsts, lasts);
            var high = Avx2.UnpackHigh(firsts, lasts);
            ref var target = ref _columns[2 * (Before + row)];
            Third(low.GetLower()).StoreUnsafe(ref target);
            Third(high.GetLower()).StoreUnsafe(ref target, 8);
            Third(low.GetUpper()).StoreUnsafe(ref target, 16);
            Third(high.GetUpper()).StoreUnsafe(ref target, 24);
        }
    }

    /// <summary>Sixteen times the means of four columns and three rows, but for the columns that are thirds twice.</summary>
    private void ReadRow(ReadOnlySpan<byte> rows, float[] means)
    {
        ref var pixel = ref MemoryMarshal.GetReference(rows);
        ref var three = ref MemoryMarshal.GetArrayDataReference(_threes);
        for (nuint at = 0; at < Side; at += 16)
        {
            (Wide(ref pixel, at) + Wide(ref pixel, at + Side) + Wide(ref pixel, at + (2 * Side)))
                .StoreUnsafe(ref three, at);
        }

        for (nuint at = 0; at < Side; at += 16)
        {
            var four = Vector256.LoadUnsafe(ref three, at) + Vector256.LoadUnsafe(ref three, at + 1) +
                Vector256.LoadUnsafe(ref three, at + 2) + Vector256.LoadUnsafe(ref three, at + 3);
            ref var target = ref means[Before + 1 + (int)at];
            Third(four.GetLower() << 2).StoreUnsafe(ref target);
            Third(four.GetUpper() << 2).StoreUnsafe(ref target, 8);
        }

        static Vector256<short> Wide(ref byte pixel, nuint at) =>
            Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref pixel, at));
    }

    private static Vector256<float> Third(Vector128<short> numbers) =>
        Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(numbers)) / Vector256.Create(3f);

    /// <summary>The sums of four along both columns and the first row; each after a number came and one left.</summary>
    private void Run()
    {
        ref var columns = ref _columns[0];
        ref var row = ref _firstRow[0];
        ref var columnSums = ref _columnSums[0];
        ref var rowSums = ref _rowSums[0];
        var columnSum = Vector128<float>.Zero;
        var rowSum = 0f;
        for (nuint at = 0; at < Side; at++)
        {
            columnSum = columnSum + Vector128.LoadUnsafe(ref columns, 2 * (at + Before)) -
                Vector128.LoadUnsafe(ref columns, 2 * at);
            columnSum.StoreUnsafe(ref columnSums, 2 * at);
            rowSum = rowSum + Unsafe.Add(ref row, at + Before) - Unsafe.Add(ref row, at);
            Unsafe.Add(ref rowSums, at) = rowSum;
        }

        for (var column = 0; column < Kept; column++)
        {
            FirstRow[column] = _rowSums[(8 * column) + 6];
        }

        for (nuint at = 1; at < Side - 2; at += 8)
        {
            // A row's window ends two rows on.
            var one = Vector256.LoadUnsafe(ref columnSums, 2 * (at + 2)) * 4;
            var other = Vector256.LoadUnsafe(ref columnSums, (2 * (at + 2)) + 8) * 4;
            Ordered(Avx.Shuffle(one, other, 0b10_00_10_00)).StoreUnsafe(ref FirstColumn[0], at);
            Ordered(Avx.Shuffle(one, other, 0b11_01_11_01)).StoreUnsafe(ref LastColumn[0], at);
        }

        static Vector256<float> Ordered(Vector256<float> numbers) =>
            Avx2.Permute4x64(numbers.AsDouble(), 0b11_01_10_00).AsSingle();
    }
}
