using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Pdq;

/// <summary>What two boxes along a row make of it at the 64 kept columns, in whole numbers.</summary>
/// <remarks>
/// Two boxes of four samples are a tent of seven: kept column k is 1, 2, 3, 4, 3, 2, 1 times the samples 8k + 2 to
/// 8k + 8 (over 16, which is left undone). Sixteen kept columns fill a vector in the order that packing leaves them in:
/// 0 1 4 5 8 9 12 13, 2 3 6 7 10 11 14 15. Rows come in bands of sixteen.
/// The last kept column reaches beyond the picture and is not meaningful here.
/// </remarks>
internal sealed class TentRows
{
    public const int BandRows = 16;

    private const int Side = ByteBlur.PictureSide;
    private const int Kept = PdqTransform.Side;
    private const int Before = 2;

    private readonly short[] _tents = new short[(Before + Side) * Kept];

    // A tent of the picture's last row would read one pixel beyond it.
    private readonly byte[] _lastRow = new byte[Side + 32];

    /// <summary>The tents of a row, which may be up to two before the picture: those are not meaningful.</summary>
    public ref short Of(int row) => ref _tents[(Before + row) * Kept];

    /// <summary>Reads the sixteen rows of a band.</summary>
    public void ReadBand(ReadOnlySpan<byte> luma, int band)
    {
        const int LastBand = (Side / BandRows) - 1;
        ref var rows = ref MemoryMarshal.GetReference(luma.Slice(band * BandRows * Side, BandRows * Side));
        Read(ref rows, band < LastBand ? BandRows : BandRows - 1, ref Of(band * BandRows));
        if (band == LastBand)
        {
            luma.Slice((Side - 1) * Side, Side).CopyTo(_lastRow);
            Read(ref MemoryMarshal.GetArrayDataReference(_lastRow), 1, ref Of(Side - 1));
        }
    }

    private static void Read(ref byte row, int rows, ref short target)
    {
        for (; rows > 0; rows--)
        {
            Sixteen(ref Unsafe.Add(ref row, 1)).StoreUnsafe(ref target);
            Sixteen(ref Unsafe.Add(ref row, 129)).StoreUnsafe(ref target, 16);
            Sixteen(ref Unsafe.Add(ref row, 257)).StoreUnsafe(ref target, 32);
            Sixteen(ref Unsafe.Add(ref row, 385)).StoreUnsafe(ref target, 48);
            row = ref Unsafe.Add(ref row, Side);
            target = ref Unsafe.Add(ref target, Kept);
        }
    }

    /// <summary>The tents of sixteen kept columns, from 128 pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Sixteen(ref byte pixels) => Avx2.PackSignedSaturate(
        Sum(Halves(ref pixels, 0), Halves(ref pixels, 32)), Sum(Halves(ref pixels, 64), Halves(ref pixels, 96)));

    /// <summary>Four tents, each in two numbers to be added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Halves(ref byte pixels, nuint at)
    {
        var weights = Vector256.Create(0x01_02_03_04_03_02_01_00).AsSByte();
        var pairs = Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref pixels, at), weights);
        return Avx2.MultiplyAddAdjacent(pairs, Vector256.Create((short)1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Sum(Vector256<int> one, Vector256<int> other) =>
        Avx.Shuffle(one.AsSingle(), other.AsSingle(), 0b10_00_10_00).AsInt32() +
        Avx.Shuffle(one.AsSingle(), other.AsSingle(), 0b11_01_11_01).AsInt32();
}
