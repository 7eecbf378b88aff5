using System.Buffers.Binary;

namespace Palisade.Decoder.Headers;

/// <summary>
/// How a picture's EXIF says that it should be turned: one number of the first directory (CIPA DC-008, 4.6.5), read by
/// our own code.
/// </summary>
internal static class ExifOrientation
{
    /// <summary>1 to 8; 1, "as it is", also where nothing or nonsense is said.</summary>
    public const int AsStored = 1;

    private const int Tag = 0x0112;
    private const int ShortNumber = 3;
    private const int EntryBytes = 12;

    /// <param name="segment">An APP1 segment without marker and length.</param>
    public static bool TryRead(ReadOnlySpan<byte> segment, out int orientation)
    {
        orientation = AsStored;
        if (!segment.StartsWith("Exif\0\0"u8))
        {
            return false;
        }

        var tiff = segment[6..];
        var isBigEndian = tiff.StartsWith("MM\0*"u8);
        if (tiff.Length < 8 || (!isBigEndian && !tiff.StartsWith("II*\0"u8)))
        {
            return true;
        }

        var directory = isBigEndian
            ? BinaryPrimitives.ReadUInt32BigEndian(tiff[4..])
            : BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]);
        if (directory > tiff.Length - 2)
        {
            return true;
        }

        var entries = tiff[(int)directory..];
        var count = Number(entries, isBigEndian);
        entries = entries[2..];
        for (; count > 0 && entries.Length >= EntryBytes; count--, entries = entries[EntryBytes..])
        {
            if (Number(entries, isBigEndian) == Tag && Number(entries[2..], isBigEndian) == ShortNumber)
            {
                orientation = Number(entries[8..], isBigEndian) is >= 1 and <= 8 and var said ? said : AsStored;
                return true;
            }
        }

        return true;
    }

    private static int Number(ReadOnlySpan<byte> bytes, bool isBigEndian) => isBigEndian
        ? BinaryPrimitives.ReadUInt16BigEndian(bytes)
        : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
}
