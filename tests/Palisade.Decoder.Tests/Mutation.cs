namespace Palisade.Decoder.Tests;

/// <summary>Damages a file the way transport, disks and enemies do. The same seed gives the same damage.</summary>
internal static class Mutation
{
#pragma warning disable CA5394, RS0030 // A test that fails must fail again: the seed is the point.
    public static byte[] Of(byte[] file, byte[] other, int seed)
    {
        var random = new Random(seed);
        var mutated = (byte[])file.Clone();
        switch (random.Next(4))
        {
            case 0:
                for (var flips = 1 + random.Next(8); flips > 0; flips--)
                {
                    mutated[random.Next(mutated.Length)] ^= (byte)(1 << random.Next(8));
                }

                return mutated;
            case 1:
                return mutated[..random.Next(mutated.Length)];
            case 2:
                var at = random.Next(mutated.Length);
                var from = random.Next(other.Length);
                var length = random.Next(1, Math.Min(64, Math.Min(mutated.Length - at, other.Length - from) + 1));
                other.AsSpan(from, length).CopyTo(mutated.AsSpan(at));
                return mutated;
            default:
                // Lengths and counts lie near the start; extreme values are what parsers forget.
                var field = random.Next(Math.Min(mutated.Length, 256));
                var extremes = new byte[] { 0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF };
                mutated.AsSpan(field, Math.Min(1 + random.Next(4), mutated.Length - field))
                    .Fill(extremes[random.Next(extremes.Length)]);
                return mutated;
        }
    }
#pragma warning restore CA5394, RS0030
}
