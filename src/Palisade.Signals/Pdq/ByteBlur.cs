using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Pdq;

/// <summary>The 64 x 64 blurred samples of 512 x 512 bytes of luma, with every rounding of the reference.</summary>
/// <remarks>
/// Derived in docs/reference/pdq-exactness.md. Nearly all that the reference computes of bytes are whole numbers of
/// sixteenths and sixty-fourths, which single precision holds without rounding; those are computed in whole numbers and only
/// where they are kept. What does round is computed in the reference's order: <see cref="EdgeSums"/>,
/// <see cref="RowResidues"/>, and here the last sums, along the kept columns.
/// </remarks>
internal sealed class ByteBlur
{
    /// <summary>The side of the pictures that this takes.</summary>
    public const int PictureSide = 512;

    private const int Kept = PdqTransform.Side;
    private const int Groups = PictureSide / RowResidues.Rows;

    private readonly TentRows _tents = new();
    private readonly EdgeSums _edges = new();
    private readonly RowResidues _residues = new();
    private readonly ColumnSums[] _columns = new ColumnSums[Kept / 16];

    public static bool IsSupported => Avx2.IsSupported;

    public void Blur(ReadOnlySpan<byte> luma, Span<float> samples)
    {
        luma = luma[..(PictureSide * PictureSide)];
        ref var pixels = ref MemoryMarshal.GetReference(luma);
        _edges.Read(luma);
        for (var column = 0; column < _columns.Length; column++)
        {
            _columns[column].Begin(ref _edges.FirstRow[column * 16]);
        }

        _tents.ReadBand(luma, 0);
        for (var group = 0; group < Groups; group++)
        {
            var isLast = group == Groups - 1;
            if (!isLast)
            {
                _tents.ReadBand(luma, group + 1);
            }

            // Row 0 came first; row 510 comes last, and 511 is in no kept window.
            var firstRow = 1 + (group * RowResidues.Rows);
            _residues.Read(ref pixels, firstRow, _edges, _tents, isLast);
            for (var column = 0; column < _columns.Length; column++)
            {
                AddRows(column, firstRow, isLast ? 13 : 16, samples);
            }
        }

        for (var column = 0; column < _columns.Length; column++)
        {
            _columns[column].Add(
                Ordered(ref _edges.LastRow[column * 16], 0), Ordered(ref _edges.LastRow[column * 16], 8), 2);
            _columns[column].Store(ref samples[((Kept - 1) * Kept) + (column * 16)]);
        }
    }

    /// <summary>Adds a group of rows to the running sums of sixteen kept columns.</summary>
    private void AddRows(int column, int firstRow, int rows, Span<float> samples)
    {
        ref var sums = ref _columns[column];
        var at = (nuint)(column * 16);
        var isLastColumn = column == _columns.Length - 1;
        var four = Tents(firstRow - 2) + Tents(firstRow - 1) + Tents(firstRow) + Tents(firstRow + 1);
        for (var row = 0; row < rows; row++)
        {
            // In row 1 this takes away what was never there: nothing is left of it after the first sum of four.
            four += Tents(firstRow + row + 2) - Tents(firstRow + row - 2);
            ref var residue = ref _residues[row];
            var low = Vector256.ConvertToSingle(Avx2.UnpackLow(four, Vector256<short>.Zero).AsInt32()) +
                Ordered(ref residue, at);
            var high = Vector256.ConvertToSingle(Avx2.UnpackHigh(four, Vector256<short>.Zero).AsInt32()) +
                Ordered(ref residue, at + 8);
            if (isLastColumn)
            {
                high = high.WithElement(7, _residues.Ends[row]);
            }

            sums.Add(low, high, (firstRow + row) & 3);
            if (((firstRow + row) & 7) == 6)
            {
                sums.Store(ref samples[((firstRow + row) / 8 * Kept) + (int)at]);
            }
        }

        Vector256<short> Tents(int row) => Vector256.LoadUnsafe(ref _tents[row & 511], at);
    }

    /// <summary>Eight numbers of kept columns in the order of unpacked tents: 0 1 4 5 2 3 6 7.</summary>
    private static Vector256<float> Ordered(ref float numbers, nuint at) => Avx2.Permute4x64(
        Vector256.LoadUnsafe(ref numbers, at).AsDouble(), 0b11_01_10_00).AsSingle();

    /// <summary>The running sums of four along sixteen kept columns.</summary>
    private struct ColumnSums
    {
        private Vector256<float> _low;
        private Vector256<float> _high;
        private Rows _lows;
        private Rows _highs;

        public void Begin(ref float firstRow)
        {
            this = default;
            Add(Ordered(ref firstRow, 0), Ordered(ref firstRow, 8), 0);
        }

        /// <summary>Adds the entering row, then takes away the one four before it.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector256<float> low, Vector256<float> high, int slot)
        {
            _low = _low + low - _lows[slot];
            _high = _high + high - _highs[slot];
            _lows[slot] = low;
            _highs[slot] = high;
        }

        /// <summary>Writes the means, of sixteen sums of sixteenths of luma.</summary>
        public readonly void Store(ref float target)
        {
            var scale = Vector256.Create(1f / 256);
            Ordered(_low * scale).StoreUnsafe(ref target);
            Ordered(_high * scale).StoreUnsafe(ref target, 8);

            static Vector256<float> Ordered(Vector256<float> numbers) =>
                Avx2.Permute4x64(numbers.AsDouble(), 0b11_01_10_00).AsSingle();
        }
    }

    [InlineArray(4)]
    private struct Rows
    {
        private Vector256<float> _first;
    }
}
