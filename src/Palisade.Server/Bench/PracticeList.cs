using System.Buffers.Binary;
using Palisade.Signals.Pdq;

namespace Palisade.Server.Bench;

/// <summary>Random PDQ hashes, shaped like real ones: exactly half of the bits set.</summary>
public static class PracticeList
{
    /// <summary>Writes one hash a line. The same seed writes the same list.</summary>
    public static async Task WriteAsync(string path, int count, int seed, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(path);
        for (var number = 0; number < count; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await writer.WriteLineAsync(Hash(seed, number).ToString());
        }
    }

    internal static PdqHash Hash(int seed, int number)
    {
        var state = (ulong)(uint)seed << 32 | (uint)number;
        Span<byte> bytes = stackalloc byte[PdqHash.ByteCount];
        for (var at = 0; at < bytes.Length; at += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes[at..], Next(ref state));
        }

        // Bits are turned one by one, at random places, until 128 are set.
        var set = PdqHash.FromBytes(bytes).PopCount;
        while (set != PdqHash.BitCount / 2)
        {
            var bit = (int)(Next(ref state) & 255);
            ref var octet = ref bytes[bit >> 3];
            var mask = (byte)(1 << (bit & 7));
            if ((octet & mask) != 0 == set > PdqHash.BitCount / 2)
            {
                octet ^= mask;
                set += (octet & mask) != 0 ? 1 : -1;
            }
        }

        return PdqHash.FromBytes(bytes);
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014): small, fast and well mixed.</summary>
    private static ulong Next(ref ulong state)
    {
        unchecked
        {
            var mixed = state += 0x9E3779B97F4A7C15;
            mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
            return mixed ^ mixed >> 31;
        }
    }
}
