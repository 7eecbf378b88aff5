using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Pdq;

/// <summary>Eight neighbouring columns of 512 x 512 bytes, laid down as rows.</summary>
internal sealed class EdgeColumns
{
    public const int Count = 8;

    private const int Side = ByteBlur.PictureSide;

    // A row more before the picture, and what groups of sixteen rows read beyond it without using it.
    private const int Before = 16;
    private const int Stride = Side + (2 * Before);

    private readonly byte[] _columns = new byte[Count * Stride];

    public void Read(ref byte firstColumn)
    {
        ref var target = ref _columns[Before];
        for (var row = 0; row < Side; row += 16)
        {
            Transpose(ref Unsafe.Add(ref firstColumn, row * Side), ref Unsafe.Add(ref target, row));
        }
    }

    /// <summary>Sixteen pixels down a column.</summary>
    public Vector256<short> Pixels(int column, int row)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(_columns);
        return Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref first, (nuint)((column * Stride) + Before + row)));
    }

    /// <summary>For each of sixteen rows, the sum of four pixels of the column: from one before to two after.</summary>
    public Vector256<short> Fours(int column, int row) =>
        Pixels(column, row - 1) + Pixels(column, row) + Pixels(column, row + 1) + Pixels(column, row + 2);

    /// <summary>Sixteen rows of eight bytes become eight of sixteen.</summary>
    private static void Transpose(ref byte source, ref byte target)
    {
        // Each time the rows that lie side by side are half as far apart.
        var (far0, far1, far2, far3) = (Rows(ref source, 0), Rows(ref source, 1), Rows(ref source, 2), Rows(ref source, 3));
        var (far4, far5, far6, far7) = (Rows(ref source, 4), Rows(ref source, 5), Rows(ref source, 6), Rows(ref source, 7));
        var (near0, near1, near2, near3) = (Low(far0, far4), Low(far1, far5), Low(far2, far6), Low(far3, far7));
        var (near4, near5, near6, near7) = (High(far0, far4), High(far1, far5), High(far2, far6), High(far3, far7));
        (far0, far1, far2, far3) = (Low(near0, near2), Low(near1, near3), High(near0, near2), High(near1, near3));
        (far4, far5, far6, far7) = (Low(near4, near6), Low(near5, near7), High(near4, near6), High(near5, near7));
        Low(far0, far1).StoreUnsafe(ref target);
        High(far0, far1).StoreUnsafe(ref target, Stride);
        Low(far2, far3).StoreUnsafe(ref target, 2 * Stride);
        High(far2, far3).StoreUnsafe(ref target, 3 * Stride);
        Low(far4, far5).StoreUnsafe(ref target, 4 * Stride);
        High(far4, far5).StoreUnsafe(ref target, 5 * Stride);
        Low(far6, far7).StoreUnsafe(ref target, 6 * Stride);
        High(far6, far7).StoreUnsafe(ref target, 7 * Stride);

        static Vector128<byte> Rows(ref byte source, int row) => Low(
            Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, row * Side))).AsByte(),
            Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, (row + 8) * Side)))
                .AsByte());

        static Vector128<byte> Low(Vector128<byte> one, Vector128<byte> other) => Sse2.UnpackLow(one, other);

        static Vector128<byte> High(Vector128<byte> one, Vector128<byte> other) => Sse2.UnpackHigh(one, other);
    }
}
