using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Pdq;

/// <summary>The 64 x 64 blurred samples of 512 x 512 bytes of luma, with every rounding of the reference.</summary>
/// <remarks>
/// Derived in docs/reference/pdq-exactness.md. Nearly all that the reference computes of bytes are whole numbers of
/// sixteenths and sixty-fourths, which single precision holds without rounding; those are computed in whole numbers, and only
/// where they are kept. What does round is computed in the reference's order: <see cref="EdgeSums"/>,
/// <see cref="RowResidues"/>, and here the last sums, along the kept columns.
/// </remarks>
internal sealed class ByteBlur
{
    /// <summary>The side of the pictures that this takes.</summary>
    public const int PictureSide = 512;

    private const int Kept = PdqTransform.Side;
    private const int Rows = RowResidues.Rows;
    private const int Groups = PictureSide / Rows;

    /// <summary>Rows that are still in the windows of the next ones.</summary>
    private const int Window = 4;

    private readonly EdgeColumns _left = new();
    private readonly EdgeColumns _right = new();
    private readonly EdgeSums _edges = new();
    private readonly RowResidues _residues = new();
    private readonly TentRows _tents = new();

    // 64 times the second round's means along a group of rows, behind those of the four before; in the tents' order.
    private readonly float[] _means = new float[(Window + Rows) * Kept];
    private readonly float[] _sums = new float[Kept];

    public static bool IsSupported => Avx2.IsSupported;

    public void Blur(ReadOnlySpan<byte> luma, Span<float> samples)
    {
        luma = luma[..(PictureSide * PictureSide)];
        ref var pixels = ref MemoryMarshal.GetReference(luma);
        _left.Read(ref pixels);
        _right.Read(ref Unsafe.Add(ref pixels, PictureSide - EdgeColumns.Count));
        _edges.Read(luma, _left, _right);

        // Row 0 comes before the first group.
        _means.AsSpan(0, Window * Kept).Clear();
        Order(_edges.FirstRow, _means.AsSpan((Window - 1) * Kept));
        _means.AsSpan((Window - 1) * Kept, Kept).CopyTo(_sums);
        _tents.ReadBand(luma, 0);
        for (var group = 0; group < Groups; group++)
        {
            if (group < Groups - 1)
            {
                _tents.ReadBand(luma, group + 1);
            }

            var firstRow = 1 + (group * Rows);
            _edges.RunLastRow(group);
            _residues.Read(ref pixels, firstRow, _edges, _left, _right);
            ReadMeans(firstRow);
            if (group == Groups - 1)
            {
                Order(_edges.LastRow, _means.AsSpan((Window + PictureSide - 2 - firstRow) * Kept));
            }

            // Kept rows' windows end with the sixth row and the fourteenth.
            AddRows(0, 6, samples.Slice(group * 2 * Kept, Kept));
            AddRows(6, 14, samples.Slice(((group * 2) + 1) * Kept, Kept));
            AddRows(14, Rows, []);
            _means.AsSpan(Rows * Kept).CopyTo(_means);
        }
    }

    /// <summary>Sums four rows of tents for each row of a group, and mends the places where the reference rounds.</summary>
    private void ReadMeans(int firstRow)
    {
        for (var column = 0; column < Kept; column += 16)
        {
            ref var tents = ref Unsafe.Add(ref _tents.Of(firstRow), column);
            ref var target = ref _means[(Window * Kept) + column];
            var four = Tents(ref tents, -2) + Tents(ref tents, -1) + Tents(ref tents, 0) + Tents(ref tents, 1);
            for (var row = 0; row < Rows; row++)
            {
                four += Tents(ref tents, 2) - Tents(ref tents, -2);
                Vector256.ConvertToSingle(Avx2.UnpackLow(four, Vector256<short>.Zero).AsInt32())
                    .StoreUnsafe(ref target);
                Vector256.ConvertToSingle(Avx2.UnpackHigh(four, Vector256<short>.Zero).AsInt32())
                    .StoreUnsafe(ref target, 8);
                tents = ref Unsafe.Add(ref tents, Kept);
                target = ref Unsafe.Add(ref target, Kept);
            }
        }

        Span<float> ordered = stackalloc float[Kept];
        for (var row = 0; row < Rows; row++)
        {
            var means = _means.AsSpan((Window + row) * Kept, Kept);
            means[Kept - 1] = _residues.Ends[row];
            if (_residues.HasAny(row))
            {
                Order(_residues.Of(row), ordered);
                for (var column = 0; column < Kept - 1; column++)
                {
                    means[column] += ordered[column];
                }
            }
        }

        static Vector256<short> Tents(ref short tents, int row) =>
            Vector256.LoadUnsafe(ref Unsafe.Add(ref tents, row * Kept));
    }

    /// <summary>Adds rows of a group to the kept columns' sums of four, and writes the means that they end with.</summary>
    /// <remarks>Each sum waits for its last addition, so all eight vectors of them go side by side.</remarks>
    private void AddRows(int first, int end, Span<float> samples)
    {
        ref var mean = ref _means[first * Kept];
        ref var sums = ref _sums[0];
        var (sum0, sum1) = (Vector256.LoadUnsafe(ref sums), Vector256.LoadUnsafe(ref sums, 8));
        var (sum2, sum3) = (Vector256.LoadUnsafe(ref sums, 16), Vector256.LoadUnsafe(ref sums, 24));
        var (sum4, sum5) = (Vector256.LoadUnsafe(ref sums, 32), Vector256.LoadUnsafe(ref sums, 40));
        var (sum6, sum7) = (Vector256.LoadUnsafe(ref sums, 48), Vector256.LoadUnsafe(ref sums, 56));
        for (var row = first; row < end; row++)
        {
            // The entering row comes, then the one four before it leaves.
            ref var entering = ref Unsafe.Add(ref mean, Window * Kept);
            sum0 = sum0 + Vector256.LoadUnsafe(ref entering) - Vector256.LoadUnsafe(ref mean);
            sum1 = sum1 + Vector256.LoadUnsafe(ref entering, 8) - Vector256.LoadUnsafe(ref mean, 8);
            sum2 = sum2 + Vector256.LoadUnsafe(ref entering, 16) - Vector256.LoadUnsafe(ref mean, 16);
            sum3 = sum3 + Vector256.LoadUnsafe(ref entering, 24) - Vector256.LoadUnsafe(ref mean, 24);
            sum4 = sum4 + Vector256.LoadUnsafe(ref entering, 32) - Vector256.LoadUnsafe(ref mean, 32);
            sum5 = sum5 + Vector256.LoadUnsafe(ref entering, 40) - Vector256.LoadUnsafe(ref mean, 40);
            sum6 = sum6 + Vector256.LoadUnsafe(ref entering, 48) - Vector256.LoadUnsafe(ref mean, 48);
            sum7 = sum7 + Vector256.LoadUnsafe(ref entering, 56) - Vector256.LoadUnsafe(ref mean, 56);
            mean = ref Unsafe.Add(ref mean, Kept);
        }

        sum0.StoreUnsafe(ref sums);
        sum1.StoreUnsafe(ref sums, 8);
        sum2.StoreUnsafe(ref sums, 16);
        sum3.StoreUnsafe(ref sums, 24);
        sum4.StoreUnsafe(ref sums, 32);
        sum5.StoreUnsafe(ref sums, 40);
        sum6.StoreUnsafe(ref sums, 48);
        sum7.StoreUnsafe(ref sums, 56);
        if (!samples.IsEmpty)
        {
            // Sixteen sums of sixteenths of luma.
            Order(_sums, samples, 1f / 256);
        }
    }

    /// <summary>From the order of columns to that of unpacked tents, 0 1 4 5 2 3 6 7, or back.</summary>
    private static void Order(ReadOnlySpan<float> numbers, Span<float> ordered, float scale = 1)
    {
        for (var at = 0; at < Kept; at += 8)
        {
            var scaled = Vector256.Create(numbers[at..]) * scale;
            Avx2.Permute4x64(scaled.AsDouble(), 0b11_01_10_00).AsSingle().CopyTo(ordered[at..]);
        }
    }
}
