namespace Palisade.Banks.Importing;

/// <summary>Why a line of a list was not taken. The words (kebab-case) are part of the API.</summary>
public enum LineRefusal
{
    /// <summary>More than 64 KiB.</summary>
    TooLong,

    /// <summary>Not hexadecimal digits, or not as many as the type has.</summary>
    Malformed,

    /// <summary>A type of signal that is not matched here.</summary>
    UnknownType,

    /// <summary>Not a JSON object of our interchange, or of another version than 1.</summary>
    BadJson,

    /// <summary>Fewer columns than the header names.</summary>
    BadCsv,

    /// <summary>A quality that is no number from 0 to 100.</summary>
    BadQuality,

    /// <summary>The digest of the empty file.</summary>
    EmptyFile,

    /// <summary>A PDQ value with fewer than 64 or more than 192 bits set: a featureless picture.</summary>
    Degenerate,

    /// <summary>A PDQ value whose quality is under the bank's least.</summary>
    LowQuality,

    /// <summary>The list itself says that it is not harmful, or that this is disputed.</summary>
    NotHarmful,
}

/// <summary>A line that was not taken, by its number (from 1).</summary>
public sealed record RefusedLine(long Line, LineRefusal Reason);
