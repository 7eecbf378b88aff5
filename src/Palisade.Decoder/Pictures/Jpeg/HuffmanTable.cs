namespace Palisade.Decoder.Pictures.Jpeg;

/// <summary>
/// One Huffman table as a look-up by the next ten bits, which mostly hold a code and the value behind it.
/// </summary>
internal sealed class HuffmanTable
{
    /// <summary>Codes have 1 to 16 bits.</summary>
    public const int Lengths = 16;

    /// <summary>Bits that are looked up: a table of 4 KiB, of which two or three share the nearest cache.</summary>
    public const int LookBits = 10;

    private const int LargestDcSize = 11;
    private const byte SixteenZeros = 0xF0;

    private readonly HuffmanEntry[] _entries = new HuffmanEntry[1 << LookBits];
    private readonly byte[] _symbols = new byte[256];

    /// <summary>For each length the first code beyond its codes, aligned left in 16 bits; and its symbols' place less its first code.</summary>
    private readonly int[] _beyond = new int[Lengths + 1];
    private readonly int[] _offset = new int[Lengths + 1];
    private bool _isDc;

    public ref readonly HuffmanEntry First => ref _entries[0];

    /// <summary>Takes a table over; false where its codes do not fit their lengths.</summary>
    /// <param name="counts">How many codes there are of each length.</param>
    /// <param name="symbols">In the order of their codes.</param>
    public bool TrySet(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols, bool isDc)
    {
        _isDc = isDc;
        symbols.CopyTo(_symbols);
        _entries.AsSpan().Fill(HuffmanEntry.LongCode);
        var (code, place) = (0, 0);
        for (var length = 1; length <= Lengths; length++, code <<= 1)
        {
            _offset[length] = place - code;
            for (var end = place + counts[length - 1]; place < end; place++, code++)
            {
                if (isDc && symbols[place] > LargestDcSize)
                {
                    return false;
                }

                if (length <= LookBits)
                {
                    Spread(code, length, EntryOf(symbols[place], length));
                }
            }

            _beyond[length] = code << (Lengths - length);
            if (counts[length - 1] > 0 && code >= 1 << length)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads a code that the look-up does not know, from the next 16 bits.</summary>
    /// <returns><see cref="HuffmanEntry.LongCode"/> where there is no such code.</returns>
    public HuffmanEntry FindLong(int bits)
    {
        for (var length = LookBits + 1; length <= Lengths; length++)
        {
            if (bits < _beyond[length])
            {
                var symbol = _symbols[(_offset[length] + (bits >> (Lengths - length))) & 255];
                return EntryOf(symbol, length);
            }
        }

        return HuffmanEntry.LongCode;
    }

    private HuffmanEntry EntryOf(byte symbol, int length)
    {
        var size = symbol & 15;
        return _isDc ? new HuffmanEntry(length, advance: 1, symbol)
            : size > 0 ? new HuffmanEntry(length, (symbol >> 4) + 1, size)
            : symbol == SixteenZeros ? new HuffmanEntry(length, 16, 0)
            : new HuffmanEntry(length, HuffmanEntry.EndOfBlock, 0);
    }

    /// <summary>Enters a code under all continuations, with the value where that is whole in them.</summary>
    private void Spread(int code, int length, HuffmanEntry entry)
    {
        var rest = LookBits - length;
        for (var next = 0; next < 1 << rest; next++)
        {
            _entries[(code << rest) | next] = entry.Size > 0 && entry.Size <= rest
                ? entry.WithValue(next >> (rest - entry.Size))
                : entry;
        }
    }
}

/// <summary>What some bits say: how many they are, how far to go on in the block, and the coefficient there.</summary>
internal readonly struct HuffmanEntry
{
    /// <summary>The advance that ends a block, from wherever it has come.</summary>
    public const int EndOfBlock = 128;

    // Bits consumed (0 to 4), advance (5 to 12), size of a value that is still to be read (13 to 16), value (17 to 31).
    private readonly int _packed;

    /// <param name="size">Bits of the value behind the code.</param>
    public HuffmanEntry(int length, int advance, int size) => _packed = length | (advance << 5) | (size << 13);

    private HuffmanEntry(int packed) => _packed = packed;

    /// <summary>No code, or one that is longer than the look-up.</summary>
    public static HuffmanEntry LongCode => new(15 << 13);

    public int Length => _packed & 31;

    public int Advance => (_packed >> 5) & 255;

    public int Size => (_packed >> 13) & 15;

    public bool IsWhole => (_packed & (15 << 13)) == 0;

    public int Value => _packed >> 17;

    /// <summary>The number that so many bits mean: T.81, F.2.2.1.</summary>
    public static int Extend(int bits, int size) =>
        bits + (((bits - (1 << (size - 1))) >> 31) & ((-1 << size) + 1));

    public HuffmanEntry WithValue(int bits) =>
        new((Length + Size) | (Advance << 5) | (Extend(bits, Size) << 17));
}
