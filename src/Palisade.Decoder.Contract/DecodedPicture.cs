using System.Buffers.Binary;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Contract;

/// <summary>One frame's fingerprints.</summary>
/// <param name="Nn512">Null where it was not asked for.</param>
public readonly record struct DecodedFrame(int Index, PdqFingerprint Full, PdqFingerprint? Nn512);

/// <summary>
/// The answer to a picture that was read. Little-endian: form (1 byte), width (4), height (4), EXIF orientation (1),
/// exactness (1: 0 exact, 1 approximate, 2 an estimate), frames in the file (4), frames here (1), then 518 bytes a frame; a profile that was not asked for is all
/// zeros but for its quality, 255.
/// </summary>
public sealed record DecodedPicture(
    PictureForm Form, int Width, int Height, int ExifOrientation, bool Approximate, int FrameCount,
    IReadOnlyList<DecodedFrame> Frames)
{
    /// <summary>
    /// The fingerprint is a pre-screen's estimate: good for ruling matches out, and never to be taken for the picture's own.
    /// Has one frame, and the profile full alone.
    /// </summary>
    public bool IsEstimate { get; init; }

    /// <summary>Frame 0 and at most 15 evenly spaced further ones.</summary>
    public const int MaxFrames = 16;

    /// <summary>
    /// The longest side that is decoded, in pixels: all that JPEG and GIF can state. PNG and TIFF can state four billion,
    /// and hashing takes about 160 bytes for each pixel of a row.
    /// </summary>
    public const int MaxSide = 65_535;

    /// <summary>The longest body, in bytes.</summary>
    public const int MaxBytes = HeaderBytes + (MaxFrames * FrameBytes);

    private const int HeaderBytes = 16;
    private const int FingerprintBytes = (8 * PdqHash.ByteCount) + 1;
    private const int FrameBytes = 4 + (2 * FingerprintBytes);
    private const byte NotAskedFor = 255;
    private const byte MarkedApproximate = 1;
    private const byte MarkedEstimate = 2;

    public byte[] ToBytes()
    {
        var bytes = new byte[HeaderBytes + (Frames.Count * FrameBytes)];
        var rest = bytes.AsSpan();
        rest[0] = (byte)Form;
        BinaryPrimitives.WriteInt32LittleEndian(rest[1..], Width);
        BinaryPrimitives.WriteInt32LittleEndian(rest[5..], Height);
        rest[9] = (byte)ExifOrientation;
        rest[10] = IsEstimate ? MarkedEstimate : Approximate ? MarkedApproximate : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(rest[11..], FrameCount);
        rest[15] = (byte)Frames.Count;
        rest = rest[HeaderBytes..];
        foreach (var frame in Frames)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, frame.Index);
            Write(frame.Full, rest[4..]);
            if (frame.Nn512 is { } nn512)
            {
                Write(nn512, rest[(4 + FingerprintBytes)..]);
            }
            else
            {
                rest[FrameBytes - 1] = NotAskedFor;
            }

            rest = rest[FrameBytes..];
        }

        return bytes;
    }

    /// <summary>Reads a body as if an enemy had written it: every field in its bounds and not one byte over, or null.</summary>
    public static DecodedPicture? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || bytes[10] > MarkedEstimate)
        {
            return null;
        }

        var form = (PictureForm)bytes[0];
        var width = BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]);
        var height = BinaryPrimitives.ReadInt32LittleEndian(bytes[5..]);
        var orientation = bytes[9];
        var frameCount = BinaryPrimitives.ReadInt32LittleEndian(bytes[11..]);
        var frames = new DecodedFrame[bytes[15]];
        if (form is < PictureForm.Jpeg or > PictureForm.Heic ||
            width is < 1 or > MaxSide || height is < 1 or > MaxSide || orientation is < 1 or > 8 ||
            frames.Length is < 1 or > MaxFrames || frameCount < frames.Length ||
            bytes.Length != HeaderBytes + (frames.Length * FrameBytes))
        {
            return null;
        }

        var rest = bytes[HeaderBytes..];
        var previous = -1;
        for (var i = 0; i < frames.Length; i++)
        {
            var index = BinaryPrimitives.ReadInt32LittleEndian(rest);
            if (index <= previous || index >= frameCount || (i == 0 && index != 0) ||
                !TryRead(rest[4..], out var full))
            {
                return null;
            }

            var isAskedFor = rest[FrameBytes - 1] != NotAskedFor;
            if (!TryRead(rest[(4 + FingerprintBytes)..], out var nn512) && isAskedFor)
            {
                return null;
            }

            frames[i] = new DecodedFrame(index, full, isAskedFor ? nn512 : null);
            previous = index;
            rest = rest[FrameBytes..];
        }

        var picture = new DecodedPicture(
            form, width, height, orientation, bytes[10] == MarkedApproximate, frameCount, frames)
        {
            IsEstimate = bytes[10] == MarkedEstimate,
        };
        return picture.IsEstimate && (frames.Length != 1 || frames[0].Nn512 is not null) ? null : picture;
    }

    private static void Write(in PdqFingerprint fingerprint, Span<byte> destination)
    {
        for (var i = 0; i < 8; i++)
        {
            fingerprint.Hashes[i].WriteTo(destination[(i * PdqHash.ByteCount)..]);
        }

        destination[8 * PdqHash.ByteCount] = (byte)fingerprint.Quality;
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, out PdqFingerprint fingerprint)
    {
        var hashes = new DihedralHashes();
        for (var i = 0; i < 8; i++)
        {
            hashes[i] = PdqHash.FromBytes(bytes[(i * PdqHash.ByteCount)..]);
        }

        var quality = bytes[8 * PdqHash.ByteCount];
        fingerprint = new PdqFingerprint(hashes, quality);
        return quality <= 100;
    }
}
