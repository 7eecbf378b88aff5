using System.Buffers.Binary;
using System.Numerics;

namespace Palisade.Signals.Regions;

/// <summary>A point of a picture that is looked up.</summary>
/// <param name="X">In pixels of the trimmed and reduced picture, centres at integers.</param>
/// <param name="Sigma">In the same pixels.</param>
/// <param name="Angle">In radians, clockwise as the picture is seen.</param>
/// <param name="Code">63 bits; bit 63 is 0.</param>
/// <param name="WeakKeyBits">
/// The five bits of its key whose coefficients lie nearest to their medians: those that an alteration flips first.
/// </param>
internal readonly record struct RegionQueryPoint(
    float X, float Y, float Sigma, float Angle, ulong Code, uint WeakKeyBits)
{
    public const int ByteCount = 28;

    /// <summary>Bits of a key that are tried both ways.</summary>
    public const int WeakBits = 5;

    public void WriteTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteSingleLittleEndian(bytes, X);
        BinaryPrimitives.WriteSingleLittleEndian(bytes[4..], Y);
        BinaryPrimitives.WriteSingleLittleEndian(bytes[8..], Sigma);
        BinaryPrimitives.WriteSingleLittleEndian(bytes[12..], Angle);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], Code);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], WeakKeyBits);
    }

    public static RegionQueryPoint Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadSingleLittleEndian(bytes),
        BinaryPrimitives.ReadSingleLittleEndian(bytes[4..]),
        BinaryPrimitives.ReadSingleLittleEndian(bytes[8..]),
        BinaryPrimitives.ReadSingleLittleEndian(bytes[12..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]));

    /// <summary>Whether an extraction can have found it: no number is out of its bounds, or none at all.</summary>
    public bool IsPossible(in RegionFrame frame) =>
        X >= -1 && X <= frame.Width && Y >= -1 && Y <= frame.Height && Sigma >= 1 && Sigma <= 256 &&
        Angle >= -MathF.PI && Angle <= 3 * MathF.PI && Code >> 63 == 0 &&
        WeakKeyBits >> RegionKey.BitCount == 0 && BitOperations.PopCount(WeakKeyBits) == WeakBits;
}
