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

    /// <summary>Of a block in its pair.</summary>
    private const int LastPlace = (7 * 16) + 7;

    private readonly byte[] _places = MakePlaces();

    private byte[] _segment = [];
    private int _length;
    private Bits _bits;

    /// <summary>The marker that ended the segment.</summary>
    public byte Marker { get; private set; }

    /// <summary>Whether no more was read than the segment has.</summary>
    public bool IsWithin => Left >= 0;

    /// <summary>Whether all of the segment was read, but for the bits that fill its last byte.</summary>
    public bool IsAtEnd => Left is >= 0 and < AlmostAByte;

    private long Left => (8L * _length) - ((8L * _bits.Position) - _bits.Have);

    /// <summary>Takes the next segment out of the file and moves behind the marker that ends it; false where none does.</summary>
    public bool TryBegin(ReadOnlySpan<byte> file, ref int position)
    {
        var rest = file[position..];
        if (_segment.Length < rest.Length + Padding)
        {
            _segment = GC.AllocateUninitializedArray<byte>(rest.Length + Padding);
        }

        (_length, _bits) = (0, default);
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

    /// <summary>Reads one unit's blocks into coefficients that are all zeros; false where they make no sense.</summary>
    /// <param name="constants">The last constant term of each component.</param>
    /// <param name="flat">Set for each block that has nothing but its constant term.</param>
    public bool TryReadUnit(
        ReadOnlySpan<BlockPlan> plans, Span<short> coefficients, Span<int> constants, Span<bool> flat)
    {
        ref var bytes = ref MemoryMarshal.GetArrayDataReference(_segment);
        ref var places = ref MemoryMarshal.GetArrayDataReference(_places);
        for (var number = 0; number < plans.Length; number++)
        {
            ref readonly var plan = ref plans[number];
            ref var block = ref MemoryMarshal.GetReference(coefficients.Slice(plan.Offset, LastPlace + 1));
            ref var constant = ref constants[plan.Component];
            if (!TryReadConstant(plan.Dc, ref constant))
            {
                return false;
            }

            ref var entries = ref MemoryMarshal.GetArrayDataReference(plan.Ac.Entries);
            nint at = 1;
            while ((at = ReadKnown(ref _bits, ref bytes, ref places, ref entries, ref block, at)) < 0)
            {
                at = -at;
                var entry = plan.Ac.FindLong((int)(_bits.Next >> 48));
                if (entry.Length == 0)
                {
                    return false;
                }

                var value = Take(entry, ref _bits.Next, ref _bits.Have);
                at += entry.Advance;
                Unsafe.Add(ref block, (nint)Unsafe.Add(ref places, at - 1)) = (short)value;
            }

            block = unchecked((short)constant);
            flat[number] = at == 1 + HuffmanEntry.EndOfBlock;
            if (at is > 64 and < HuffmanEntry.EndOfBlock)
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadConstant(HuffmanTable table, ref int constant)
    {
        Refill(ref MemoryMarshal.GetArrayDataReference(_segment), ref _bits.Next, ref _bits.Have, ref _bits.Position);
        var entry = Look(ref MemoryMarshal.GetArrayDataReference(table.Entries), _bits.Next);
        if (entry.Length == 0)
        {
            entry = table.FindLong((int)(_bits.Next >> 48));
        }

        constant = unchecked(constant + Take(entry, ref _bits.Next, ref _bits.Have));
        return entry.Length != 0;
    }

    /// <summary>
    /// Reads coefficients as long as the look-up knows their codes. By itself and without a call, so that everything stays in
    /// registers.
    /// </summary>
    /// <returns>How far it has come: 64 or more at the block's end; negative before a code that is not known.</returns>
    private static nint ReadKnown(
        ref Bits state, ref byte bytes, ref byte places, ref HuffmanEntry entries, ref short block, nint at)
    {
        var (bits, have, position) = (state.Next, state.Have, state.Position);
        while (at < 64)
        {
            Refill(ref bytes, ref bits, ref have, ref position);
            var entry = Look(ref entries, bits);
            if (entry.IsWhole)
            {
                // The end of the block writes a zero where the constant term will stand.
                at += entry.Advance;
                Unsafe.Add(ref block, (nint)Unsafe.Add(ref places, at - 1)) = (short)entry.Value;
                if (at >= 64)
                {
                    // What follows belongs to the next block.
                    bits <<= entry.FirstLength;
                    have -= entry.FirstLength;
                    break;
                }

                bits <<= entry.Length;
                have -= entry.Length;
                at += entry.SecondAdvance;
                Unsafe.Add(ref block, (nint)Unsafe.Add(ref places, at - 1)) = (short)entry.SecondValue;
            }
            else if (entry.Length > 0)
            {
                at += entry.Advance;
                Unsafe.Add(ref block, (nint)Unsafe.Add(ref places, at - 1)) = (short)Take(entry, ref bits, ref have);
            }
            else
            {
                at = -at;
                break;
            }
        }

        (state.Next, state.Have, state.Position) = (bits, have, position);
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HuffmanEntry Look(ref HuffmanEntry entries, ulong bits) =>
        Unsafe.Add(ref entries, (nint)(bits >> (64 - HuffmanTable.LookBits)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Refill(ref byte bytes, ref ulong bits, ref int have, ref nint position)
    {
        // As many whole bytes as fit; what lies beyond them is there already when it is taken again. No branch: it would
        // be foretold wrongly too often.
        var next = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, position));
        bits |= BinaryPrimitives.ReverseEndianness(next) >> have;
        position += (63 - have) >> 3;
        have |= 56;
    }

    /// <summary>Takes a code and the value behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Take(HuffmanEntry entry, ref ulong bits, ref int have)
    {
        bits <<= entry.Length;
        have -= entry.Length;
        if (entry.IsWhole)
        {
            return entry.Value;
        }

        var value = HuffmanEntry.Extend((int)(bits >> (64 - entry.Size)), entry.Size);
        bits <<= entry.Size;
        have -= entry.Size;
        return value;
    }

    /// <summary>The next bits of a segment, aligned left, how many there are, and where those after them lie.</summary>
    private struct Bits
    {
        public ulong Next;
        public int Have;
        public nint Position;
    }

    /// <summary>Where in a pair each coefficient goes; those beyond the block, to its first place.</summary>
    private static byte[] MakePlaces()
    {
        var places = new byte[256];
        for (var at = 0; at < BaselineTables.Order.Length; at++)
        {
            var place = BaselineTables.Order[at];
            places[at] = (byte)((place / 8 * 16) + (place % 8));
        }

        return places;
    }
}

/// <summary>Which tables a block of a unit is read by, and where its coefficients go.</summary>
internal readonly record struct BlockPlan(HuffmanTable Dc, HuffmanTable Ac, int Component, int Offset);
