using System.Buffers.Binary;

namespace Palisade.Signals.Regions;

/// <summary>Why bytes are no region codes.</summary>
public enum RegionCodesFault
{
    None = 0,

    /// <summary>Not 12 bytes for each of 25 to 300 points.</summary>
    WrongLength,

    /// <summary>Made by another version: the picture has to be enrolled again.</summary>
    OtherVersion,

    /// <summary>A size or a bit that this version never writes.</summary>
    Malformed,
}

/// <summary>
/// The region codes of an enrolled picture: by them it is found again when only a part of it is left.
/// </summary>
/// <remarks>
/// <para>
/// The binary form has 12 bytes a point and nothing else: 2,400 for 200 points. A point is its code (8 bytes,
/// little-endian) and its place (4, see <see cref="RegionPoint"/>); strongest first. Bit 63 of a code is free: in the
/// first 25 points it holds, lowest bit first, the version (5 bits), the width less 1 (10) and the height less 1 (10) of
/// the trimmed and reduced picture; in all others it is 0.
/// </para>
/// <para>Personal data: from codes with positions a rough picture can be rebuilt. Encrypt them wherever they rest.</para>
/// </remarks>
public sealed class RegionCodes
{
    public const int Version = 1;

    /// <summary>Points of the default setting.</summary>
    public const int DefaultPoints = 200;

    /// <summary>Points of the dense setting, and at most.</summary>
    public const int DensePoints = 300;

    /// <summary>A picture with fewer has too little texture to be told from another.</summary>
    public const int LeastPoints = VersionBits + (2 * SizeBits);

    public const int PointBytes = 12;

    /// <summary>Longest side of the picture that positions refer to, in pixels.</summary>
    public const int LongestSide = 512;

    private const int VersionBits = 5;
    private const int SizeBits = 10;
    private const ulong FreeBit = 1UL << 63;

    private readonly byte[] _bytes;

    private RegionCodes(byte[] bytes, int width, int height)
    {
        (_bytes, Width, Height) = (bytes, width, height);
    }

    public int Width { get; }

    public int Height { get; }

    public int Count => _bytes.Length / PointBytes;

    public ReadOnlyMemory<byte> Bytes => _bytes;

    internal RegionPoint this[int at]
    {
        get
        {
            var bytes = _bytes.AsSpan(at * PointBytes, PointBytes);
            return new RegionPoint(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes) & ~FreeBit, BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
        }
    }

    /// <summary>Reads the binary form and keeps a copy of it, or null and why not.</summary>
    public static RegionCodes? TryRead(ReadOnlySpan<byte> bytes, out RegionCodesFault fault)
    {
        fault = RegionCodesFault.WrongLength;
        var count = bytes.Length / PointBytes;
        if (bytes.Length % PointBytes != 0 || count is < LeastPoints or > DensePoints)
        {
            return null;
        }

        var head = 0u;
        var isClean = true;
        for (var at = 0; at < count; at++)
        {
            var bit = (uint)(BinaryPrimitives.ReadUInt64LittleEndian(bytes[(at * PointBytes)..]) >> 63);
            head |= at < LeastPoints ? bit << at : 0;
            isClean &= at < LeastPoints || bit == 0;
        }

        var version = head & ((1 << VersionBits) - 1);
        var width = (int)(head >> VersionBits & ((1 << SizeBits) - 1)) + 1;
        var height = (int)(head >> (VersionBits + SizeBits)) + 1;
        fault = version != Version ? RegionCodesFault.OtherVersion
            : !isClean || Math.Max(width, height) > LongestSide ? RegionCodesFault.Malformed
            : RegionCodesFault.None;
        return fault == RegionCodesFault.None ? new RegionCodes(bytes.ToArray(), width, height) : null;
    }

    /// <summary>The strongest points alone; the binary form of fewer begins that of more.</summary>
    /// <param name="points">25 to as many as there are.</param>
    public RegionCodes First(int points)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, LeastPoints);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(points, Count);
        return points == Count ? this : new RegionCodes(_bytes[..(points * PointBytes)], Width, Height);
    }

    internal static RegionCodes Of(ReadOnlySpan<RegionQueryPoint> points, int width, int height)
    {
        Span<RegionPoint> kept = stackalloc RegionPoint[points.Length];
        for (var at = 0; at < points.Length; at++)
        {
            kept[at] = RegionPoint.Of(points[at], width, height);
        }

        return Of(kept, width, height);
    }

    /// <param name="points">25 to 300.</param>
    internal static RegionCodes Of(ReadOnlySpan<RegionPoint> points, int width, int height)
    {
        var head = Version | (uint)(width - 1) << VersionBits | (uint)(height - 1) << (VersionBits + SizeBits);
        var bytes = new byte[points.Length * PointBytes];
        for (var at = 0; at < points.Length; at++)
        {
            var free = at < LeastPoints && (head >> at & 1) != 0 ? FreeBit : 0;
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at * PointBytes), points[at].Code | free);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((at * PointBytes) + 8), points[at].Place);
        }

        return new RegionCodes(bytes, width, height);
    }
}
