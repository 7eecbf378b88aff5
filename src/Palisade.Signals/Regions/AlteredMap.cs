namespace Palisade.Signals.Regions;

/// <summary>
/// What is kept of an enrolled picture to see where a copy of it was altered: at 32 x 32 places, whether it grows lighter
/// or darker to the right and downwards, and whether it is lighter or darker than around.
/// </summary>
/// <remarks>
/// 768 bytes: for each place, row by row, three values of two bits (0 neither, 1 more, 2 less), lowest bits first. The most
/// revealing of what is kept of a picture: optional, encrypted apart, read only after a match.
/// </remarks>
public sealed class AlteredMap
{
    /// <summary>Places along each side.</summary>
    public const int Side = 32;

    public const int ByteCount = Side * Side * MapFeatures.PerPlace * 2 / 8;

    /// <summary>From this on a difference counts, in steps of luma.</summary>
    private const float LeastDifference = 1.5f;

    private readonly byte[] _bytes;

    private AlteredMap(byte[] bytes)
    {
        _bytes = bytes;
    }

    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>-1, 0 or 1.</summary>
    internal int this[int feature] => (_bytes[feature >> 2] >> (2 * (feature & 3)) & 3) switch
    {
        1 => 1,
        2 => -1,
        _ => 0,
    };

    /// <summary>Reads the binary form and keeps a copy of it, or null: it is no map.</summary>
    public static AlteredMap? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteCount)
        {
            return null;
        }

        foreach (var four in bytes)
        {
            // Both bits of a pair are never set.
            if ((four & four >> 1 & 0x55) != 0)
            {
                return null;
            }
        }

        return new AlteredMap(bytes.ToArray());
    }

    /// <summary>The map with nothing said of the places from one column and row to others, both included.</summary>
    internal AlteredMap Without(int left, int top, int right, int bottom)
    {
        byte[] bytes = [.. _bytes];
        for (var row = Math.Max(0, top); row <= Math.Min(Side - 1, bottom); row++)
        {
            for (var column = Math.Max(0, left); column <= Math.Min(Side - 1, right); column++)
            {
                for (var feature = 0; feature < MapFeatures.PerPlace; feature++)
                {
                    var at = (((row * Side) + column) * MapFeatures.PerPlace) + feature;
                    bytes[at >> 2] &= (byte)~(3 << (2 * (at & 3)));
                }
            }
        }

        return new AlteredMap(bytes);
    }

    internal static AlteredMap Of(ReadOnlySpan<float> features)
    {
        var bytes = new byte[ByteCount];
        for (var at = 0; at < features.Length; at++)
        {
            var value = features[at] >= LeastDifference ? 1 : features[at] <= -LeastDifference ? 2 : 0;
            bytes[at >> 2] |= (byte)(value << (2 * (at & 3)));
        }

        return new AlteredMap(bytes);
    }
}
