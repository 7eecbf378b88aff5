using System.Buffers.Binary;

namespace Palisade.Decoder.Contract;

/// <summary>Why there are no fingerprints. The worker sends a number; the words are the service's own.</summary>
public enum FailureReason
{
    Empty = 1,
    Corrupt = 2,

    /// <summary>Actual and limit are pixels.</summary>
    TooManyPixels = 3,

    /// <summary>Actual and limit are scans.</summary>
    TooManyScans = 4,
    OutOfMemory = 5,
    NoDecoder = 6,

    /// <summary>A form that is never decoded; actual is a <see cref="RefusedForm"/>.</summary>
    Refused = 7,

    /// <summary>Actual and limit are pixels of one side.</summary>
    SideTooLong = 8,
}

/// <summary>Forms that are recognised only to be named in the refusal.</summary>
public enum RefusedForm
{
    /// <summary>None of the forms that are decoded, and none below.</summary>
    Unknown = 0,
    Svg = 1,
    Pdf = 2,
    PostScript = 3,
    Bmp = 4,
    Psd = 5,
    Icon = 6,
    JpegXl = 7,
    Jpeg2000 = 8,
    Video = 9,
    Archive = 10,
    Text = 11,
    Raw = 12,
}

/// <summary>The answer to an upload without fingerprints: reason (1 byte), form (1), actual (8), limit (8).</summary>
public sealed record Failure(FailureReason Reason, PictureForm Form, long Actual = 0, long Limit = 0)
{
    public const int Bytes = 18;

    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        bytes[0] = (byte)Reason;
        bytes[1] = (byte)Form;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2), Actual);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(10), Limit);
        return bytes;
    }

    /// <summary>Reads a body as if an enemy had written it, or null.</summary>
    public static Failure? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Bytes ||
            bytes[0] is < (byte)FailureReason.Empty or > (byte)FailureReason.SideTooLong || bytes[1] > (byte)PictureForm.Heic)
        {
            return null;
        }

        var actual = BinaryPrimitives.ReadInt64LittleEndian(bytes[2..]);
        var limit = BinaryPrimitives.ReadInt64LittleEndian(bytes[10..]);
        return actual < 0 || limit < 0 ? null : new Failure((FailureReason)bytes[0], (PictureForm)bytes[1], actual, limit);
    }
}
