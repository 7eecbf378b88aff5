using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Regions;

/// <summary>The 24 bits of a code by which it is looked up.</summary>
internal static class RegionKey
{
    public const int BitCount = 24;

    /// <summary>All of a code's key bits. A key has them in the same order, from bit 0 on.</summary>
    private const ulong Mask = 0x0404_0486_e6a5_9997;

    /// <summary>The bits that differ least often between true matches and depend least on each other, best first.</summary>
    public static ReadOnlySpan<byte> Bits =>
    [
        21, 0, 7, 15, 8, 18, 25, 26, 34, 11, 4, 1, 31, 12, 23, 42, 16, 39, 30, 2, 29, 50, 33, 58,
    ];

    public static uint Of(ulong code)
    {
        if (Bmi2.X64.IsSupported)
        {
            return (uint)Bmi2.X64.ParallelBitExtract(code, Mask);
        }

        var (key, bit) = (0u, 0);
        for (var left = Mask; left != 0; left &= left - 1)
        {
            key |= (code & left & (0 - left)) != 0 ? 1u << bit : 0;
            bit++;
        }

        return key;
    }
}
