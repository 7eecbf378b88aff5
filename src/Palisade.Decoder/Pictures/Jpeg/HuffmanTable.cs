using System.Runtime.InteropServices;

namespace Palisade.Decoder.Pictures.Jpeg;

/// <summary>
/// One Huffman table as a look-up by the next ten bits, which mostly hold a code or two with the values behind them.
/// </summary>
internal sealed class HuffmanTable
{
    /// <summary>Codes have 1 to 16 bits.</summary>
    public const int Lengths = 16;

    /// <summary>Bits that are looked up: 8 KiB a table, so that those in use share the nearest cache.</summary>
    public const int LookBits = 10;

    private const int LargestDcSize = 11;
    private const byte SixteenZeros = 0xF0;

    private readonly HuffmanEntry[] _single = new HuffmanEntry[1 << LookBits];
    private readonly byte[] _counts = new byte[Lengths];
    private readonly byte[] _symbols = new byte[256];

    /// <summary>For each length: the first code beyond its codes, in 16 bits, and its symbols' place less its first code.</summary>
    private readonly int[] _beyond = new int[Lengths + 1];
    private readonly int[] _offset = new int[Lengths + 1];
    private readonly bool _isDc;
    private bool _isWhole;

    public HuffmanTable(bool isDc)
    {
        _isDc = isDc;
        Entries = new HuffmanEntry[1 << LookBits];
    }

    public HuffmanEntry[] Entries { get; }

    /// <summary>Takes a table over; false where its codes do not fit their lengths.</summary>
    /// <param name="counts">How many codes there are of each length.</param>
    /// <param name="symbols">In the order of their codes.</param>
    public bool TrySet(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        // Most files have the tables that the one before had.
        if (_isWhole && counts.SequenceEqual(_counts) && symbols.SequenceEqual(_symbols.AsSpan(0, symbols.Length)))
        {
            return true;
        }

        counts.CopyTo(_counts);
        symbols.CopyTo(_symbols);
        _isWhole = TryEnterCodes();
        if (_isWhole)
        {
            Combine();
        }

        return _isWhole;
    }

    /// <summary>Reads a code that the look-up does not know, from the next 16 bits.</summary>
    /// <returns><see cref="HuffmanEntry.LongCode"/> where there is no such code.</returns>
    public HuffmanEntry FindLong(int bits)
    {
        for (var length = LookBits + 1; length <= Lengths; length++)
        {
            if (bits < _beyond[length])
            {
                return EntryOf(_symbols[(_offset[length] + (bits >> (Lengths - length))) & 255], length);
            }
        }

        return HuffmanEntry.LongCode;
    }

    private bool TryEnterCodes()
    {
        _single.AsSpan().Fill(HuffmanEntry.LongCode);
        var (code, place) = (0, 0);
        for (var length = 1; length <= Lengths; length++, code <<= 1)
        {
            _offset[length] = place - code;
            for (var end = place + _counts[length - 1]; place < end; place++, code++)
            {
                if ((_isDc && _symbols[place] > LargestDcSize) || code >= (1 << length) - 1)
                {
                    // All ones is no code either: T.81, annex C.
                    return false;
                }

                if (length <= LookBits)
                {
                    Spread(code, length, EntryOf(_symbols[place], length));
                }
            }

            _beyond[length] = code << (Lengths - length);
        }

        return true;
    }

    private HuffmanEntry EntryOf(byte symbol, int length)
    {
        var size = symbol & 15;
        return _isDc ? HuffmanEntry.Code(length, advance: 1, symbol)
            : size > 0 ? HuffmanEntry.Code(length, (symbol >> 4) + 1, size)
            : symbol == SixteenZeros ? HuffmanEntry.Code(length, 16, 0)
            : HuffmanEntry.Code(length, HuffmanEntry.EndOfBlock, 0);
    }

    /// <summary>Enters a code under all continuations, with the value where that is whole in them.</summary>
    private void Spread(int code, int length, HuffmanEntry entry)
    {
        var rest = LookBits - length;
        for (var next = 0; next < 1 << rest; next++)
        {
            _single[(code << rest) | next] = entry.Size > 0 && entry.Size <= rest
                ? entry.WithValue(next >> (rest - entry.Size))
                : entry;
        }
    }

    /// <summary>Adds the next code where that is whole in the same bits. Constant terms stand alone.</summary>
    private void Combine()
    {
        for (var at = 0; at < _single.Length; at++)
        {
            var first = _single[at];
            var second = _single[(at << first.Length) & ((1 << LookBits) - 1)];
            var isPair = !_isDc && first.IsWhole && first.Advance < HuffmanEntry.EndOfBlock && second.IsWhole &&
                first.Length + second.Length <= LookBits;
            Entries[at] = isPair ? first.With(second) : first;
        }
    }
}

/// <summary>What some bits say: one coefficient or two, how far each is on in the block, and how many bits they take.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct HuffmanEntry
{
    /// <summary>The advance that ends a block, from wherever it has come.</summary>
    public const int EndOfBlock = 128;

    // Bits of all (0 to 7) and of the first code with its value (8 to 15), first and second advance (16 to 23, 24 to 31:
    // zero where there is no second), 14 bits of the first value and of the second, and the size of a value that is still to
    // be read (60 to 63).
    private readonly ulong _packed;

    private HuffmanEntry(ulong packed) => _packed = packed;

    /// <summary>No code, or one that is longer than the look-up.</summary>
    public static HuffmanEntry LongCode => new(15UL << 60);

    /// <summary>Bits of both codes with their values; or of a code alone, while its value is to be read.</summary>
    public int Length => (byte)_packed;

    public int FirstLength => (byte)(_packed >> 8);

    public int Advance => (byte)(_packed >> 16);

    public int SecondAdvance => (byte)(_packed >> 24);

    public int Value => (int)((long)(_packed << 18) >> 50);

    public int SecondValue => (int)((long)(_packed << 4) >> 50);

    public int Size => (int)(_packed >> 60);

    public bool IsWhole => _packed < 1UL << 60;

    /// <param name="size">Bits of the value behind the code.</param>
    public static HuffmanEntry Code(int length, int advance, int size) =>
        new((uint)length | ((uint)length << 8) | ((uint)advance << 16) | ((ulong)size << 60));

    /// <summary>The number that so many bits mean: T.81, F.2.2.1.</summary>
    public static int Extend(int bits, int size) =>
        bits + (((bits - (1 << (size - 1))) >> 31) & ((-1 << size) + 1));

    /// <summary>The same with its value, of which so many bits were there.</summary>
    public HuffmanEntry WithValue(int bits)
    {
        var packed = Code(Length + Size, Advance, 0)._packed | Places(Extend(bits, Size), 32);

        // Written twice where there is no second, at the same place.
        return new(packed | Places(Extend(bits, Size), 46));
    }

    public HuffmanEntry With(HuffmanEntry second) => new(
        (uint)(Length + second.Length) | ((uint)Length << 8) | ((uint)Advance << 16) | ((uint)second.Advance << 24) |
        Places(Value, 32) | Places(second.Value, 46));

    private static ulong Places(int value, int first) => (ulong)(value & 0x3FFF) << first;
}
