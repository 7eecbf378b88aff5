using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Decoder.Pictures.Jpeg;

/// <summary>
/// Widens rows of chroma to the picture's width by the triangle filter that libjpeg calls fancy upsampling: each sample is
/// three parts its nearest neighbour and one part the next, along each axis that was halved.
/// </summary>
internal sealed class ChromaRow
{
    private const int Step = 16;

    // One sample before and after, which repeat the first and the last.
    private ushort[] _sums = [];
    private byte[] _wide = [];
    private int _width;
    private int _whole;

    /// <param name="width">Samples that count; what lies behind them in a row only fills its last block.</param>
    public void Begin(int width)
    {
        _width = width;
        _whole = (width + Step - 1) / Step * Step;
        if (_wide.Length < 2 * _whole)
        {
            _sums = new ushort[_whole + (2 * Step)];
            _wide = new byte[2 * _whole];
        }
    }

    /// <summary>A row that was halved across.</summary>
    public ReadOnlySpan<byte> Widen(ReadOnlySpan<byte> row)
    {
        ref var source = ref MemoryMarshal.GetReference(row[.._whole]);
        ref var sums = ref MemoryMarshal.GetArrayDataReference(_sums);
        for (var x = 0; x < _width; x += Step)
        {
            Load(ref source, x).StoreUnsafe(ref sums, (nuint)(x + 1));
        }

        return Finish(evenHalf: 1, oddHalf: 2, shift: 2);
    }

    /// <summary>A row that was halved across and down, beside the row on the other side of the wanted one.</summary>
    public ReadOnlySpan<byte> Widen(ReadOnlySpan<byte> nearest, ReadOnlySpan<byte> next)
    {
        ref var near = ref MemoryMarshal.GetReference(nearest[.._whole]);
        ref var other = ref MemoryMarshal.GetReference(next[.._whole]);
        ref var sums = ref MemoryMarshal.GetArrayDataReference(_sums);
        for (var x = 0; x < _width; x += Step)
        {
            var one = Load(ref near, x);
            var two = Load(ref other, x);
            (one + one + one + two).StoreUnsafe(ref sums, (nuint)(x + 1));
        }

        return Finish(evenHalf: 8, oddHalf: 7, shift: 4);
    }

    private static Vector256<ushort> Load(ref byte row, int x) =>
        Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref row, (nuint)x)).AsUInt16();

    private ReadOnlySpan<byte> Finish(ushort evenHalf, ushort oddHalf, int shift)
    {
        _sums[0] = _sums[1];
        _sums[_width + 1] = _sums[_width];
        ref var sums = ref MemoryMarshal.GetArrayDataReference(_sums);
        ref var wide = ref MemoryMarshal.GetArrayDataReference(_wide);
        for (var x = 0; x < _width; x += Step)
        {
            var here = Vector256.LoadUnsafe(ref sums, (nuint)(x + 1));
            var three = here + here + here;
            var even = (three + Vector256.LoadUnsafe(ref sums, (nuint)x) + Vector256.Create(evenHalf)) >>> shift;
            var odd = (three + Vector256.LoadUnsafe(ref sums, (nuint)(x + 2)) + Vector256.Create(oddHalf)) >>> shift;
            (even | (odd << 8)).AsByte().StoreUnsafe(ref wide, (nuint)(2 * x));
        }

        return _wide;
    }
}
