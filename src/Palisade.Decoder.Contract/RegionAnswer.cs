using System.Buffers.Binary;
using Palisade.Signals.Regions;

namespace Palisade.Decoder.Contract;

/// <summary>
/// The answer to a picture whose regions were asked for: each part that was asked, in the order of
/// <see cref="RegionParts"/>, with its length in bytes (4, little-endian) before it.
/// </summary>
/// <remarks>A picture with too little texture has codes of no bytes, which are null here.</remarks>
public sealed record RegionAnswer
{
    public RegionCodes? Codes { get; init; }

    public RegionCodes? DenseCodes { get; init; }

    public AlteredMap? Map { get; init; }

    public RegionQuery? Query { get; init; }

    public RegionPicture? Picture { get; init; }

    public RegionPicture? Whole { get; init; }

    /// <summary>The longest body, in bytes.</summary>
    public const int MaxBytes = (6 * sizeof(int)) + (2 * RegionCodes.DensePoints * RegionCodes.PointBytes) +
        AlteredMap.ByteCount + RegionQuery.MostBytes + (2 * RegionPicture.MostBytes);

    public byte[] ToBytes(RegionParts parts)
    {
        var bytes = new List<byte>();
        Add(RegionParts.Codes, Codes?.Bytes ?? default);
        Add(RegionParts.DenseCodes, DenseCodes?.Bytes ?? default);
        Add(RegionParts.Map, Map?.Bytes ?? default);
        Add(RegionParts.Query, Query?.ToBytes());
        Add(RegionParts.Picture, Picture?.ToBytes());
        Add(RegionParts.Whole, Whole?.ToBytes());
        return [.. bytes];

        void Add(RegionParts part, ReadOnlyMemory<byte> value)
        {
            if (parts.HasFlag(part))
            {
                Span<byte> length = stackalloc byte[sizeof(int)];
                BinaryPrimitives.WriteInt32LittleEndian(length, value.Length);
                bytes.AddRange(length);
                bytes.AddRange(value.Span);
            }
        }
    }

    /// <summary>
    /// Reads a body as if an enemy had written it: the parts that were asked for and no other, each in its bounds, not one
    /// byte over; or null.
    /// </summary>
    public static RegionAnswer? TryRead(ReadOnlySpan<byte> bytes, RegionParts parts)
    {
        var answer = new RegionAnswer();
        for (var part = RegionParts.Codes; part <= RegionParts.Whole; part = (RegionParts)((int)part << 1))
        {
            if (!parts.HasFlag(part))
            {
                continue;
            }

            var length = bytes.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
            if (length < 0 || length > bytes.Length - sizeof(int) ||
                answer.TryWith(part, bytes.Slice(sizeof(int), length)) is not { } more)
            {
                return null;
            }

            answer = more;
            bytes = bytes[(sizeof(int) + length)..];
        }

        return bytes.IsEmpty ? answer : null;
    }

    private RegionAnswer? TryWith(RegionParts part, ReadOnlySpan<byte> bytes)
    {
        switch (part)
        {
            case RegionParts.Codes or RegionParts.DenseCodes when bytes.IsEmpty:
                return this;
            case RegionParts.Codes:
                return RegionCodes.TryRead(bytes, out _) is { } codes ? this with { Codes = codes } : null;
            case RegionParts.DenseCodes:
                return RegionCodes.TryRead(bytes, out _) is { } dense ? this with { DenseCodes = dense } : null;
            case RegionParts.Map:
                return AlteredMap.TryRead(bytes) is { } map ? this with { Map = map } : null;
            case RegionParts.Query:
                return RegionQuery.TryRead(bytes) is { } query ? this with { Query = query } : null;
            case RegionParts.Picture:
                return RegionPicture.TryRead(bytes) is { } picture ? this with { Picture = picture } : null;
            default:
                return RegionPicture.TryRead(bytes) is { } whole ? this with { Whole = whole } : null;
        }
    }
}
