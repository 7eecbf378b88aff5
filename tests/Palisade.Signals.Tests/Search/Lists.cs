using Palisade.Signals.Pdq;

namespace Palisade.Signals.Tests.Search;

/// <summary>Hash lists of the kinds that an index meets, from a seed.</summary>
internal static class Lists
{
    public static PdqHash[] Random(int count, int seed)
    {
        var hashes = new PdqHash[count];
        var bytes = new byte[PdqHash.ByteCount];
        var random = new Random(seed);
        for (var at = 0; at < count; at++)
        {
            random.NextBytes(bytes);
            hashes[at] = PdqHash.FromBytes(bytes);
        }

        return hashes;
    }

    /// <summary>Lone hashes, groups within 12 bits of each other, repeated ones and all-zero ones, by turns.</summary>
    public static PdqHash[] Mixed(int count, int seed)
    {
        var hashes = Random(count, seed);
        var random = new Random(seed);
        for (var at = 0; at < count; at++)
        {
            hashes[at] = (at % 8) switch
            {
                1 or 2 or 3 => Flip(hashes[at / 64 * 64], random.Next(7), random),
                4 => hashes[at / 128 * 128],
                5 => at % 200 < 10 ? default : hashes[at],
                _ => hashes[at],
            };
        }

        return hashes;
    }

    /// <summary>Hashes of a list moved by 0 to 40 bits, one of another list, and the all-zero hash.</summary>
    public static List<PdqHash> Needles(PdqHash[] hashes, int count, int seed)
    {
        var random = new Random(seed);
        var needles = new List<PdqHash> { Random(1, seed)[0], default };
        for (var at = 0; at < count && hashes.Length > 0; at++)
        {
            needles.Insert(0, Flip(hashes[random.Next(hashes.Length)], random.Next(41), random));
        }

        return needles;
    }

    /// <summary>The hash with so many different bits turned.</summary>
    public static PdqHash Flip(PdqHash hash, int bits, Random random)
    {
        var bytes = hash.ToBytes();
        var places = Enumerable.Range(0, PdqHash.BitCount).ToArray();
        random.Shuffle(places);
        foreach (var place in places.AsSpan(0, bits))
        {
            bytes[place >> 3] ^= (byte)(1 << (place & 7));
        }

        return PdqHash.FromBytes(bytes);
    }

    /// <summary>Row numbers are the caller's: unique, in no order.</summary>
    public static int RowOf(int place) => (place * 7919) % 1_000_003;

    public static int[] Rows(int count) => Enumerable.Range(0, count).Select(RowOf).ToArray();
}
