namespace Palisade.Verification;

/// <summary>What is wrong with one stored item.</summary>
public enum FindingKind
{
    /// <summary>It is there and is not what was written.</summary>
    Damaged,

    /// <summary>It was written and is gone.</summary>
    Missing,

    /// <summary>It is there and Palisade did not write it.</summary>
    Extra,
}

/// <summary>One item that is not as it was written.</summary>
/// <param name="Item">Kind and name: <c>record scan_record scn_…</c>, <c>evidence evd_…</c>, <c>log entry 12</c>, <c>file …</c></param>
/// <param name="What">What was found, for a person. Never content, keys or hashes of content.</param>
public sealed record Finding(FindingKind Kind, string Item, string What);

/// <summary>How far a long piece of work is, in bytes as they lie on the disk.</summary>
public readonly record struct ByteProgress(string Part, long DoneBytes, long TotalBytes);

/// <summary>What a verification read and found.</summary>
public sealed record VerificationReport
{
    public required long Records { get; init; }

    public required long Evidence { get; init; }

    public required long LogEntries { get; init; }

    /// <summary>Bytes read of store, evidence and log.</summary>
    public required long Bytes { get; init; }

    public required long Damaged { get; init; }

    public required long Missing { get; init; }

    public required long Extra { get; init; }

    /// <summary>What could not be examined here and why, for a person; empty when everything was.</summary>
    public required IReadOnlyList<string> NotExamined { get; init; }

    public bool IsWhole => Damaged + Missing + Extra == 0;
}
