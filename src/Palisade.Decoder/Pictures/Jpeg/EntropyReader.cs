using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Palisade.Decoder.Pictures.Jpeg;

/// <summary>
/// Reads the coefficients of a baseline scan, segment by segment between its restart markers.
/// </summary>
/// <remarks>
/// A segment is first freed of its stuffed zeros and followed by more zeros than a unit can use up, so that reading
/// needs no bounds; whether more was used than there was is asked after each unit.
/// </remarks>
internal sealed class EntropyReader
{
    /// <summary>Two units of six blocks of 64 codes with values, 31 bits each, are 2,976 bytes at most.</summary>
    private const int Padding = 4096;

    private const int AlmostAByte = 8;

    private static readonly byte[] Places = MakePlaces();

    private byte[] _segment = [];
    private int _length;
    private ulong _bits;
    private int _have;
    private int _position;

    /// <summary>The marker that ended the segment.</summary>
    public byte Marker { get; private set; }

    /// <summary>Whether no more was read than the segment has.</summary>
    public bool IsWithin => Left >= 0;

    /// <summary>Whether all of the segment was read, but for the bits that fill its last byte.</summary>
    public bool IsAtEnd => Left is >= 0 and < AlmostAByte;

    private long Left => (8L * _length) - ((8L * _position) - _have);

    /// <summary>Takes the next segment out of the file and moves behind the marker that ends it; false where none does.</summary>
    public bool TryBegin(ReadOnlySpan<byte> file, ref int position)
    {
        var rest = file[position..];
        if (_segment.Length < rest.Length + Padding)
        {
            _segment = GC.AllocateUninitializedArray<byte>(rest.Length + Padding);
        }

        (_length, _bits, _have, _position) = (0, 0, 0, 0);
        while (rest.IndexOf((byte)0xFF) is var at and >= 0 && at + 1 < rest.Length)
        {
            var isStuffed = rest[at + 1] == 0;
            var taken = isStuffed ? at + 1 : at;
            rest[..taken].CopyTo(_segment.AsSpan(_length));
            _length += taken;
            if (!isStuffed)
            {
                Marker = rest[at + 1];
                position = file.Length - rest.Length + at + 2;
                _segment.AsSpan(_length, Padding).Clear();
                return true;
            }

            rest = rest[(at + 2)..];
        }

        return false;
    }

    /// <summary>Reads one block into a pair of blocks that is all zeros; false where it makes no sense.</summary>
    /// <param name="block">Its first coefficient in the pair: rows of eight lie sixteen apart.</param>
    /// <param name="constant">The last block's constant term, and this one's.</param>
    /// <param name="isFlat">Whether there is nothing but the constant term.</param>
    public bool TryReadBlock(HuffmanTable dc, HuffmanTable ac, ref short block, ref int constant, out bool isFlat)
    {
        ref var bytes = ref MemoryMarshal.GetArrayDataReference(_segment);
        ref var places = ref MemoryMarshal.GetArrayDataReference(Places);
        ref readonly var entries = ref ac.First;
        var (bits, have, position) = (_bits, _have, _position);

        Refill(ref bytes, ref bits, ref have, ref position);
        var entry = Unsafe.Add(ref Unsafe.AsRef(in dc.First), (nint)(bits >> (64 - HuffmanTable.LookBits)));
        var isCode = TryTake(dc, entry, ref bits, ref have, out _, out var value);
        constant = unchecked(constant + value);

        var at = 1;
        while (at < 64)
        {
            Refill(ref bytes, ref bits, ref have, ref position);
            entry = Unsafe.Add(ref Unsafe.AsRef(in entries), (nint)(bits >> (64 - HuffmanTable.LookBits)));
            int advance;
            if (entry.IsWhole)
            {
                bits <<= entry.Length;
                have -= entry.Length;
                (advance, value) = (entry.Advance, entry.Value);
            }
            else
            {
                isCode &= TryTake(ac, entry, ref bits, ref have, out advance, out value);
            }

            // The end of the block writes a zero where the constant term will stand.
            at += advance;
            Unsafe.Add(ref block, (nint)Unsafe.Add(ref places, at - 1)) = (short)value;
        }

        block = unchecked((short)constant);
        isFlat = at == 1 + HuffmanEntry.EndOfBlock;
        (_bits, _have, _position) = (bits, have, position);
        return isCode && at is 64 or >= HuffmanEntry.EndOfBlock;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Refill(ref byte bytes, ref ulong bits, ref int have, ref int position)
    {
        // As many whole bytes as fit; what lies beyond them is there already when it is taken again.
        if (have < 32)
        {
            var next = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, position));
            bits |= BinaryPrimitives.ReverseEndianness(next) >> have;
            position += (63 - have) >> 3;
            have |= 56;
        }
    }

    /// <summary>Takes a code that is long, or whose value is.</summary>
    private static bool TryTake(
        HuffmanTable table, HuffmanEntry entry, ref ulong bits, ref int have, out int advance, out int value)
    {
        if (entry.Length == 0)
        {
            entry = table.FindLong((int)(bits >> 48));
            if (entry.Length == 0)
            {
                (advance, value) = (HuffmanEntry.EndOfBlock, 0);
                return false;
            }
        }

        bits <<= entry.Length;
        have -= entry.Length;
        advance = entry.Advance;
        value = entry.Value;
        if (!entry.IsWhole)
        {
            value = HuffmanEntry.Extend((int)(bits >> (64 - entry.Size)), entry.Size);
            bits <<= entry.Size;
            have -= entry.Size;
        }

        return true;
    }

    /// <summary>Where in a pair each coefficient goes; those beyond the block, to its first place.</summary>
    private static byte[] MakePlaces()
    {
        var places = new byte[64 + HuffmanEntry.EndOfBlock];
        for (var at = 0; at < BaselineTables.Order.Length; at++)
        {
            var place = BaselineTables.Order[at];
            places[at] = (byte)((place / 8 * 16) + (place % 8));
        }

        return places;
    }
}
