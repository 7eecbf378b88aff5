using System.Numerics;
using Palisade.Signals.Pdq;

namespace Palisade.Signals.Search;

/// <summary>Some neighbouring bits of a hash, by which it is put into a bucket.</summary>
/// <param name="First">The first bit, counted through the four words, each from its least significant bit.</param>
/// <param name="Width">How many bits, at most 31.</param>
internal readonly record struct PdqSubstring(int First, int Width)
{
    /// <summary>Cuts 256 bits into some substrings of nearly equal width, the wider ones first.</summary>
    public static PdqSubstring[] Cut(int pieces)
    {
        var cut = new PdqSubstring[pieces];
        var first = 0;
        for (var at = 0; at < pieces; at++)
        {
            var width = (PdqHash.BitCount / pieces) + (at < PdqHash.BitCount % pieces ? 1 : 0);
            cut[at] = new PdqSubstring(first, width);
            first += width;
        }

        return cut;
    }

    /// <summary>The bits as a number below 2 to the width.</summary>
    public uint Of(in PdqHash hash)
    {
        var word = First >> 6;
        var offset = First & 63;
        var bits = WordOf(hash, word) >> offset;
        if (offset + Width > 64)
        {
            bits |= WordOf(hash, word + 1) << (64 - offset);
        }

        return (uint)bits & ((1u << Width) - 1);
    }

    /// <summary>In how many of these bits two hashes differ.</summary>
    public int Distance(in PdqHash left, in PdqHash right) => BitOperations.PopCount(Of(left) ^ Of(right));

    private static ulong WordOf(in PdqHash hash, int word) =>
        word switch { 0 => hash.Word0, 1 => hash.Word1, 2 => hash.Word2, _ => hash.Word3 };
}
