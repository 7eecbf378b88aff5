using System.Buffers.Binary;

namespace Palisade.Decoder.Headers;

/// <summary>
/// What a JPEG says about itself, read by our own code before a library sees the file (ITU-T T.81, annex B).
/// </summary>
/// <param name="IsBuffered">Progressive or several scans: the decoder holds every coefficient until the last scan.</param>
/// <param name="ScanCount">Counted only where <paramref name="IsBuffered"/>; else 1.</param>
/// <param name="CoefficientBytes">What the decoder must hold where <paramref name="IsBuffered"/>.</param>
/// <param name="IsHuffmanCoded">8-bit samples in the codings that everybody writes (SOF0 to SOF2).</param>
internal readonly record struct JpegHeader(
    int Width, int Height, bool IsBuffered, int ScanCount, long CoefficientBytes, bool IsHuffmanCoded)
{
    private const byte StartOfScan = 0xDA;
    private const byte EndOfImage = 0xD9;
    private const byte FirstApplication = 0xE1;

    /// <summary>EXIF orientation, 1 to 8.</summary>
    public int Orientation { get; private init; } = ExifOrientation.AsStored;

    /// <summary>Reads the header, or null where there is none that holds together.</summary>
    public static JpegHeader? TryRead(ReadOnlySpan<byte> file)
    {
        JpegHeader? frame = null;
        int? orientation = null;
        var components = 0;
        var position = 2;
        while (TryFindMarker(file, ref position, out var marker))
        {
            if (marker == EndOfImage)
            {
                break;
            }

            if (marker is 0x01 or (>= 0xD0 and <= 0xD8))
            {
                continue;
            }

            if (position + 2 > file.Length)
            {
                break;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(file[position..]);
            if (length < 2 || position + length > file.Length)
            {
                break;
            }

            var segment = file.Slice(position + 2, length - 2);
            position += length;
            if (marker == FirstApplication && orientation is null && ExifOrientation.TryRead(segment, out var said))
            {
                orientation = said;
            }
            else if (IsStartOfFrame(marker))
            {
                if (frame is not null || !TryReadFrame(segment, marker, out var read, out components))
                {
                    return null;
                }

                frame = read;
            }
            else if (marker == StartOfScan)
            {
                if (frame is not { } known || segment.Length < 1)
                {
                    return null;
                }

                if (!known.IsBuffered && segment[0] == components)
                {
                    frame = known with { ScanCount = 1 };
                    break;
                }

                frame = known with { IsBuffered = true, ScanCount = known.ScanCount + 1 };
            }
        }

        return frame is { ScanCount: > 0 } whole
            ? whole with { Orientation = orientation ?? ExifOrientation.AsStored }
            : null;
    }

    /// <summary>Moves behind the next marker; entropy-coded bytes (FF 00, restarts) on the way are skipped.</summary>
    private static bool TryFindMarker(ReadOnlySpan<byte> file, ref int position, out byte marker)
    {
        while (position < file.Length)
        {
            var next = file[position..].IndexOf((byte)0xFF);
            if (next < 0)
            {
                break;
            }

            position += next;
            while (position < file.Length && file[position] == 0xFF)
            {
                position++;
            }

            if (position >= file.Length)
            {
                break;
            }

            marker = file[position++];
            if (marker != 0)
            {
                return true;
            }
        }

        marker = 0;
        return false;
    }

    private static bool IsStartOfFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static bool TryReadFrame(ReadOnlySpan<byte> segment, byte marker, out JpegHeader header, out int components)
    {
        header = default;
        components = segment.Length > 5 ? segment[5] : 0;
        if (components is < 1 or > 4 || segment.Length != 6 + (3 * components))
        {
            return false;
        }

        int height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]);
        int width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        int widest = 1, tallest = 1;
        for (var i = 0; i < components; i++)
        {
            widest = Math.Max(widest, segment[7 + (3 * i)] >> 4);
            tallest = Math.Max(tallest, segment[7 + (3 * i)] & 15);
        }

        var coefficients = 0L;
        for (var i = 0; i < components; i++)
        {
            var horizontal = segment[7 + (3 * i)] >> 4;
            var vertical = segment[7 + (3 * i)] & 15;
            coefficients += BlocksOf(width, horizontal, widest) * BlocksOf(height, vertical, tallest) * 64;
        }

        var isProgressive = marker is not (0xC0 or 0xC1);
        var isHuffmanCoded = marker <= 0xC2 && segment[0] == 8;
        header = new JpegHeader(
            width, height, isProgressive, ScanCount: 0, coefficients * sizeof(short), isHuffmanCoded);
        return width > 0 && height > 0;
    }

    private static long BlocksOf(int samples, int factor, int largest) =>
        ((((long)samples * factor) + largest - 1) / largest / 8) + 1;
}
