using Palisade.Signals.Pdq;

namespace Palisade.Decoding;

/// <summary>
/// What the sandboxed decoder made of an upload. A closed set: <see cref="Decoded"/>, <see cref="Undecodable"/>,
/// <see cref="Refused"/>.
/// </summary>
public abstract record DecodeOutcome
{
    private DecodeOutcome()
    {
    }

    /// <summary>Pixels were read and fingerprinted.</summary>
    public sealed record Decoded(PictureFacts Picture) : DecodeOutcome;

    /// <summary>It claims to be a picture and could not be read: policy decides, and it never counts as clean.</summary>
    /// <param name="Format">What the header said, when it said anything.</param>
    public sealed record Undecodable(UndecodableReason Reason, string Detail, string? Format = null) : DecodeOutcome;

    /// <summary>A form that is never decoded (SVG, PDF and the like, or no picture at all).</summary>
    public sealed record Refused(string Detail, string? Format = null) : DecodeOutcome;
}

/// <summary>Why a picture could not be read. The names are part of the API.</summary>
public enum UndecodableReason
{
    /// <summary>Zero bytes.</summary>
    Empty,

    /// <summary>The bytes end early or contradict themselves.</summary>
    Corrupt,

    /// <summary>More pixels than the cap for its format.</summary>
    TooManyPixels,

    /// <summary>More scans than the cap for progressive JPEG.</summary>
    TooManyScans,

    /// <summary>The worker ran out of its time.</summary>
    TimedOut,

    /// <summary>The worker ran out of its memory.</summary>
    OutOfMemory,

    /// <summary>The worker died.</summary>
    WorkerCrashed,

    /// <summary>The worker answered something that is no answer.</summary>
    MalformedAnswer,

    /// <summary>A known form that this system has no decoder for (HEIC without a HEVC library).</summary>
    NoDecoder,
}

/// <summary>Facts of a decoded picture. Everything in it came from the sandbox and was checked for bounds.</summary>
public sealed record PictureFacts
{
    /// <summary>One of jpeg, png, webp, gif, tiff, avif, heic.</summary>
    public required string Format { get; init; }

    /// <summary>Stored width in pixels, before any orientation is applied.</summary>
    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>EXIF orientation 1 to 8; 1 when the file says nothing.</summary>
    public int ExifOrientation { get; init; } = 1;

    /// <summary>Decoded at 1/2, 1/4 or 1/8 because it was above the cap, so hashes may move by up to about 10 bits.</summary>
    public bool Approximate { get; init; }

    /// <summary>How many frames the file holds.</summary>
    public int FrameCount { get; init; } = 1;

    /// <summary>Frame 0 first, then at most 15 evenly spaced ones of an animation.</summary>
    public required IReadOnlyList<FrameFingerprint> Frames { get; init; }
}

/// <summary>PDQ of one frame.</summary>
/// <param name="Nn512">Null where it was not asked for.</param>
public sealed record FrameFingerprint(int Frame, PdqFingerprint Full, PdqFingerprint? Nn512);
