using System.Buffers.Binary;

namespace Palisade.Decoder.Headers;

/// <summary>What a PNG says about itself in its first chunk (ISO/IEC 15948, 11.2.2), read by our own code.</summary>
internal readonly record struct PngHeader(long Width, long Height, bool IsInterlaced)
{
    private const int Start = 8;

    public static PngHeader? TryRead(ReadOnlySpan<byte> file)
    {
        if (file.Length < Start + 25 || BinaryPrimitives.ReadUInt32BigEndian(file[Start..]) != 13 ||
            !file[(Start + 4)..].StartsWith("IHDR"u8))
        {
            return null;
        }

        var header = new PngHeader(
            BinaryPrimitives.ReadUInt32BigEndian(file[(Start + 8)..]),
            BinaryPrimitives.ReadUInt32BigEndian(file[(Start + 12)..]),
            file[Start + 20] != 0);
        return header.Width is > 0 and <= int.MaxValue && header.Height is > 0 and <= int.MaxValue ? header : null;
    }
}
