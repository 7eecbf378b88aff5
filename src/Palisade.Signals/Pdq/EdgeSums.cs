using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Pdq;

/// <summary>
/// The means of the first round that are thirds and therefore rounded, computed in the reference's order: columns 0 and
/// 510, and rows 0 and 510 with what the second round's boxes along them give at the kept columns.
/// </summary>
internal sealed class EdgeSums
{
    private const int Side = ByteBlur.PictureSide;
    private const int Kept = PdqTransform.Side;

    /// <summary>What groups of rows read beyond the picture's end without using it.</summary>
    private const int Beyond = 16;

    // Side by side: columns 0 and 510, or rows 0 and 510.
    private readonly float[] _pairs = new float[2 * (Side + Beyond)];
    private readonly float[] _sums = new float[2 * (Side + Beyond)];
    private readonly int[] _thirds = new int[2 * Side];
    private readonly short[] _rowSums = new short[Side + Beyond];

    /// <summary>Sixteen times the means in column 0, row by row.</summary>
    public float[] FirstColumn { get; } = new float[Side + Beyond];

    /// <summary>Sixteen times the means in column 510, row by row.</summary>
    public float[] LastColumn { get; } = new float[Side + Beyond];

    /// <summary>64 times the second round's means along row 0, at the kept columns.</summary>
    public float[] FirstRow { get; } = new float[Kept];

    /// <summary>64 times the second round's means along row 510, at the kept columns.</summary>
    public float[] LastRow { get; } = new float[Kept];

    public void Read(ReadOnlySpan<byte> luma)
    {
        ReadColumns(ref MemoryMarshal.GetReference(luma));
        ReadRow(luma, 0, 0);
        ReadRow(luma, Side - 3, 1);
        (_pairs[0], _pairs[1]) = (FirstColumn[0], FirstColumn[Side - 2]);
        (_pairs[2 * (Side - 2)], _pairs[(2 * (Side - 2)) + 1]) = (LastColumn[0], LastColumn[Side - 2]);
        Run();
        for (var column = 0; column < Kept; column++)
        {
            var at = 2 * ((8 * column) + 6);
            (FirstRow[column], LastRow[column]) = (_sums[at], _sums[at + 1]);
        }
    }

    private void ReadColumns(ref byte luma)
    {
        ref var third = ref MemoryMarshal.GetArrayDataReference(_thirds);
        for (var row = 0; row < Side; row++)
        {
            ref var pixel = ref Unsafe.Add(ref luma, row * Side);
            Unsafe.Add(ref third, 2 * row) = pixel + Unsafe.Add(ref pixel, 1) + Unsafe.Add(ref pixel, 2);
            pixel = ref Unsafe.Add(ref pixel, Side - 3);
            Unsafe.Add(ref third, (2 * row) + 1) = pixel + Unsafe.Add(ref pixel, 1) + Unsafe.Add(ref pixel, 2);
        }

        ref var pair = ref MemoryMarshal.GetArrayDataReference(_pairs);
        for (nuint at = 0; at < 2 * Side; at += 8)
        {
            (Vector256.ConvertToSingle(Vector256.LoadUnsafe(ref third, at)) / Vector256.Create(3f))
                .StoreUnsafe(ref pair, at);
        }

        Run();
        for (var row = 1; row < Side - 2; row++)
        {
            FirstColumn[row] = _sums[2 * (row + 2)] * 4;
            LastColumn[row] = _sums[(2 * (row + 2)) + 1] * 4;
        }

        // The first window and the last but one hold three rows.
        FirstColumn[0] = _sums[4] / 3 * 16;
        LastColumn[0] = _sums[5] / 3 * 16;
        const int Leaving = 2 * (Side - 4);
        FirstColumn[Side - 2] = (_sums[2 * (Side - 1)] - _pairs[Leaving]) / 3 * 16;
        LastColumn[Side - 2] = (_sums[(2 * (Side - 1)) + 1] - _pairs[Leaving + 1]) / 3 * 16;
    }

    /// <summary>Sixteen times the means of three rows, but for the columns that are thirds twice.</summary>
    private void ReadRow(ReadOnlySpan<byte> luma, int row, int lane)
    {
        ref var pixel = ref MemoryMarshal.GetReference(luma[(row * Side)..((row + 3) * Side)]);
        ref var sum = ref MemoryMarshal.GetArrayDataReference(_rowSums);
        for (nuint at = 0; at < Side; at += 16)
        {
            var rows = Wide(ref pixel, at) + Wide(ref pixel, at + Side) + Wide(ref pixel, at + (2 * Side));
            rows.StoreUnsafe(ref sum, at);
        }

        for (var column = 1; column < Side - 2; column++)
        {
            ref var first = ref Unsafe.Add(ref sum, column - 1);
            var twelve = first + Unsafe.Add(ref first, 1) + Unsafe.Add(ref first, 2) + Unsafe.Add(ref first, 3);
            _pairs[(2 * column) + lane] = 4 * twelve / 3f;
        }

        static Vector256<short> Wide(ref byte pixel, nuint at) =>
            Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref pixel, at));
    }

    /// <summary>Running sums of four, two side by side; each entry is the sum after a number came and one left.</summary>
    private void Run()
    {
        ref var pair = ref MemoryMarshal.GetArrayDataReference(_pairs);
        ref var target = ref MemoryMarshal.GetArrayDataReference(_sums);
        var sum = Vector128<float>.Zero;
        for (nuint at = 0; at < 2 * Side; at += 2)
        {
            sum += Vector128.LoadUnsafe(ref pair, at);
            if (at >= 8)
            {
                sum -= Vector128.LoadUnsafe(ref pair, at - 8);
            }

            sum.StoreUnsafe(ref target, at);
        }
    }
}
