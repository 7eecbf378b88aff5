using Palisade.Signals.Pdq;

namespace Palisade.Signals.Search;

/// <summary>
/// A fixed shuffle of a hash's 256 bit positions. Distances stay what they are, but bits that go together in real
/// pictures (neighbouring frequencies) no longer share a substring, so that buckets fill evenly.
/// </summary>
internal static class BitShuffle
{
    private static readonly PdqHash[] ByByte = MakeTable(isBack: false);
    private static readonly PdqHash[] BackByByte = MakeTable(isBack: true);

    public static PdqHash Shuffle(in PdqHash hash) => Move(hash, ByByte);

    /// <summary>The hash that was shuffled.</summary>
    public static PdqHash Unshuffle(in PdqHash shuffled) => Move(shuffled, BackByByte);

    private static PdqHash Move(in PdqHash hash, PdqHash[] table)
    {
        Span<byte> bytes = stackalloc byte[PdqHash.ByteCount];
        hash.WriteTo(bytes);
        ulong word0 = 0, word1 = 0, word2 = 0, word3 = 0;
        for (var at = 0; at < bytes.Length; at++)
        {
            ref readonly var part = ref table[(at << 8) | bytes[at]];
            word0 |= part.Word0;
            word1 |= part.Word1;
            word2 |= part.Word2;
            word3 |= part.Word3;
        }

        return new PdqHash(word0, word1, word2, word3);
    }

    /// <summary>For each of 32 bytes and each of its 256 values, where its bits go.</summary>
    private static PdqHash[] MakeTable(bool isBack)
    {
        // Nothing depends on which shuffle it is, and nothing stores it; the seed only keeps runs alike.
        var places = Enumerable.Range(0, PdqHash.BitCount).ToArray();
        new Random(Seed: 1).Shuffle(places);
        if (isBack)
        {
            Invert(places);
        }

        var table = new PdqHash[PdqHash.ByteCount << 8];
        Span<ulong> words = stackalloc ulong[4];
        for (var entry = 0; entry < table.Length; entry++)
        {
            words.Clear();
            for (var bit = 0; bit < 8; bit++)
            {
                if ((entry >> bit & 1) != 0)
                {
                    var place = places[(entry >> 8 << 3) | bit];
                    words[place >> 6] |= 1UL << (place & 63);
                }
            }

            table[entry] = new PdqHash(words[0], words[1], words[2], words[3]);
        }

        return table;
    }

    private static void Invert(int[] places)
    {
        // Bytes come most significant first and words are counted from the least significant bit: the same eight bytes
        // in the other order.
        const int OtherOrder = 7 << 3;
        var forward = (int[])places.Clone();
        for (var at = 0; at < places.Length; at++)
        {
            places[forward[at] ^ OtherOrder] = at ^ OtherOrder;
        }
    }
}
