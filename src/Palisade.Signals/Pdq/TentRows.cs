using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Pdq;

/// <summary>
/// What two boxes along a row make of it at the 64 kept columns, in whole numbers, and the extremes of its pixels.
/// </summary>
/// <remarks>
/// Two boxes of four samples are a tent of seven: kept column k is 1, 2, 3, 4, 3, 2, 1 times the samples 8k + 2 to
/// 8k + 8 (over 16, which is left undone). Sixteen kept columns fill a vector in the order that packing leaves them in:
/// 0 1 4 5 8 9 12 13, 2 3 6 7 10 11 14 15. Rows come in bands of sixteen, and 64 of them are remembered.
/// The last kept column reaches beyond the picture and is not meaningful here.
/// </remarks>
internal sealed class TentRows
{
    public const int BandRows = 16;

    private const int Side = ByteBlur.PictureSide;
    private const int Kept = PdqTransform.Side;
    private const int Remembered = 64;

    private readonly short[] _tents = new short[Remembered * Kept];

    // Of the band's first three rows, and of all sixteen; each a vector for 32 pixels of a row.
    private readonly Extremes[] _head = new Extremes[Side / 32];
    private readonly Extremes[] _whole = new Extremes[Side / 32];
    private readonly Extremes[] _before = new Extremes[Side / 32];
    private readonly byte[] _lastRow = new byte[Side + 32];

    /// <summary>The tents of a row that is remembered still.</summary>
    public ref short this[int row] => ref Unsafe.Add(
        ref MemoryMarshal.GetArrayDataReference(_tents), (row % Remembered) * Kept);

    /// <summary>Reads the next sixteen rows.</summary>
    public void ReadBand(ReadOnlySpan<byte> luma, int band)
    {
        Array.Copy(_whole, _before, _whole.Length);
        var last = luma[((Side - 1) * Side)..];
        last.CopyTo(_lastRow);
        ref var pixels = ref MemoryMarshal.GetReference(luma);
        var rows = band == (Side / BandRows) - 1 ? BandRows - 1 : BandRows;
        var first = band * BandRows;
        for (var strip = 0; strip < 4; strip++)
        {
            ref var source = ref Unsafe.Add(ref pixels, (first * Side) + (strip * 128) + 1);
            ref var extremes = ref _whole[strip * 4];
            ReadStrip(ref source, 3, first, strip, ref extremes, isFirst: true);
            Unsafe.CopyBlock(
                ref Unsafe.As<Extremes, byte>(ref _head[strip * 4]), ref Unsafe.As<Extremes, byte>(ref extremes), 4 * 64);
            ReadStrip(ref Unsafe.Add(ref source, 3 * Side), rows - 3, first + 3, strip, ref extremes, isFirst: false);
            if (rows < BandRows)
            {
                // A tent of the last row would read one pixel beyond the picture.
                ReadStrip(ref _lastRow[(strip * 128) + 1], 1, Side - 1, strip, ref extremes, isFirst: false);
            }
        }
    }

    /// <summary>
    /// The least and the greatest pixel that the tents' columns of block k and the one before stand on (columns 8k - 7
    /// to 8k + 8), in the band before the last read and the three rows after it.
    /// </summary>
    public void BoundBlocks(Span<byte> least, Span<byte> greatest, bool isLastBand)
    {
        Span<byte> chunks = stackalloc byte[2 * (Kept + 32)];
        ref var least0 = ref chunks[32];
        ref var greatest0 = ref chunks[Kept + 64];
        for (var half = 0; half < 2; half++)
        {
            Reduce(half * 2, isLastBand, out var leastLow, out var greatestLow);
            Reduce((half * 2) + 1, isLastBand, out var leastHigh, out var greatestHigh);
            Join(leastLow, leastHigh).StoreUnsafe(ref least0, (nuint)(half * 32));
            Join(greatestLow, greatestHigh).StoreUnsafe(ref greatest0, (nuint)(half * 32));
        }

        for (var half = 0; half < 2; half++)
        {
            Vector256.Min(
                Vector256.LoadUnsafe(ref least0, (nuint)(half * 32)),
                Vector256.LoadUnsafe(ref Unsafe.Add(ref least0, (half * 32) - 1))).CopyTo(least[(half * 32)..]);
            Vector256.Max(
                Vector256.LoadUnsafe(ref greatest0, (nuint)(half * 32)),
                Vector256.LoadUnsafe(ref Unsafe.Add(ref greatest0, (half * 32) - 1))).CopyTo(greatest[(half * 32)..]);
        }

        static Vector256<byte> Join(Vector256<short> low, Vector256<short> high) =>
            Avx2.Permute4x64(Avx2.PackUnsignedSaturate(InOrder(low), InOrder(high)).AsInt64(), 0b11_01_10_00).AsByte();

        static Vector256<short> InOrder(Vector256<short> chunks) =>
            Avx2.PermuteVar8x32(chunks.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsInt16();
    }

    private void ReadStrip(ref byte source, int rows, int row, int strip, ref Extremes extremes, bool isFirst)
    {
        var weights = Vector256.Create(0x01_02_03_04_03_02_01_00).AsSByte();
        var ones = Vector256.Create((short)1);
        var pixels = Vector256.LoadUnsafe(ref source);
        var (least0, greatest0) = isFirst ? (pixels, pixels) : (extremes.Least, extremes.Greatest);
        pixels = Vector256.LoadUnsafe(ref source, 32);
        ref var next = ref Unsafe.Add(ref extremes, 1);
        var (least1, greatest1) = isFirst ? (pixels, pixels) : (next.Least, next.Greatest);
        pixels = Vector256.LoadUnsafe(ref source, 64);
        next = ref Unsafe.Add(ref extremes, 2);
        var (least2, greatest2) = isFirst ? (pixels, pixels) : (next.Least, next.Greatest);
        pixels = Vector256.LoadUnsafe(ref source, 96);
        next = ref Unsafe.Add(ref extremes, 3);
        var (least3, greatest3) = isFirst ? (pixels, pixels) : (next.Least, next.Greatest);
        for (var at = 0; at < rows; at++)
        {
            var pixels0 = Vector256.LoadUnsafe(ref source);
            var pixels1 = Vector256.LoadUnsafe(ref source, 32);
            var pixels2 = Vector256.LoadUnsafe(ref source, 64);
            var pixels3 = Vector256.LoadUnsafe(ref source, 96);
            least0 = Vector256.Min(least0, pixels0);
            greatest0 = Vector256.Max(greatest0, pixels0);
            least1 = Vector256.Min(least1, pixels1);
            greatest1 = Vector256.Max(greatest1, pixels1);
            least2 = Vector256.Min(least2, pixels2);
            greatest2 = Vector256.Max(greatest2, pixels2);
            least3 = Vector256.Min(least3, pixels3);
            greatest3 = Vector256.Max(greatest3, pixels3);

            var pairs01 = Avx2.PackSignedSaturate(
                Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(pixels0, weights), ones),
                Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(pixels1, weights), ones));
            var pairs23 = Avx2.PackSignedSaturate(
                Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(pixels2, weights), ones),
                Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(pixels3, weights), ones));
            Avx2.PackSignedSaturate(
                    Avx2.MultiplyAddAdjacent(pairs01, ones), Avx2.MultiplyAddAdjacent(pairs23, ones))
                .StoreUnsafe(ref this[row + at], (nuint)(strip * 16));
            source = ref Unsafe.Add(ref source, Side);
        }

        extremes = new(least0, greatest0);
        Unsafe.Add(ref extremes, 1) = new(least1, greatest1);
        Unsafe.Add(ref extremes, 2) = new(least2, greatest2);
        Unsafe.Add(ref extremes, 3) = new(least3, greatest3);
    }

    /// <summary>Of 128 pixels of a row, the extremes of each eight, packed as tents are.</summary>
    private void Reduce(int strip, bool isLastBand, out Vector256<short> least, out Vector256<short> greatest)
    {
        // Behind the last band comes nothing, so its own rows stand in.
        var before = (isLastBand ? _whole : _before).AsSpan(strip * 4, 4);
        var head = _head.AsSpan(strip * 4, 4);
        var full = Vector256<byte>.AllBitsSet;

        // The least of some is 255 less the greatest of what they lack of it.
        least = (Pack(
            full - Vector256.Min(before[0].Least, head[0].Least),
            full - Vector256.Min(before[1].Least, head[1].Least),
            full - Vector256.Min(before[2].Least, head[2].Least),
            full - Vector256.Min(before[3].Least, head[3].Least)) ^ Vector256.Create((short)255)) &
            Vector256.Create((short)255);
        greatest = Pack(
            Vector256.Max(before[0].Greatest, head[0].Greatest),
            Vector256.Max(before[1].Greatest, head[1].Greatest),
            Vector256.Max(before[2].Greatest, head[2].Greatest),
            Vector256.Max(before[3].Greatest, head[3].Greatest));

        static Vector256<short> Pack(
            Vector256<byte> first, Vector256<byte> second, Vector256<byte> third, Vector256<byte> fourth)
        {
            var words = Avx2.PackUnsignedSaturate(ByTwos(first, second), ByTwos(third, fourth)).AsByte();
            return (Vector256.Max(words, (words.AsUInt16() >> 8).AsByte()).AsUInt16() &
                Vector256.Create((ushort)255)).AsInt16();
        }

        static Vector256<int> ByTwos(Vector256<byte> first, Vector256<byte> second)
        {
            var (one, other) = (first.AsSingle(), second.AsSingle());
            var fours = Vector256.Max(
                Avx.Shuffle(one, other, 0b10_00_10_00).AsByte(), Avx.Shuffle(one, other, 0b11_01_11_01).AsByte());
            return Vector256.Max(fours, (fours.AsUInt32() >> 16).AsByte()).AsInt32() & Vector256.Create(0xFFFF);
        }
    }

    private readonly record struct Extremes(Vector256<byte> Least, Vector256<byte> Greatest);
}
