using Palisade.Policy;

namespace Palisade.Review;

/// <summary>One case as lists show it. What names people or banks came out of its sealed part.</summary>
public sealed record Case
{
    public required CaseId Id { get; init; }

    /// <summary>Short name for people, from 1 in the order of opening.</summary>
    public required long Number { get; init; }

    public required CaseState State { get; init; }

    public required CaseOrigin Origin { get; init; }

    /// <summary>The surface that its first upload came through.</summary>
    public required string Service { get; init; }

    /// <summary>The strongest verdict of its uploads; null when people flagged it and nothing was scanned.</summary>
    public required VerdictAction? Verdict { get; init; }

    /// <summary>How many scans and flags belong to it.</summary>
    public required long Uploads { get; init; }

    /// <summary>Who has it, as <see cref="Audit.Actor"/> writes it.</summary>
    public string? Owner { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>By when a person should have decided.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Since when its oldest upload is kept back without a decision; null when none is.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Every reason that its verdicts gave, each once.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    public required CaseReceipts Receipts { get; init; }

    public bool IsLateAt(DateTimeOffset moment) => State.IsUndecided() && moment > DueAt;
}

/// <summary>What opened a case.</summary>
public enum CaseOrigin
{
    /// <summary>A scan that was not clean.</summary>
    Verdict,

    /// <summary>A person: a user's report or a moderator's flag.</summary>
    Flag,
}

/// <summary>What has been done, and when. An empty place means: not yet.</summary>
public sealed record CaseReceipts
{
    public required DateTimeOffset Detected { get; init; }

    public DateTimeOffset? Decided { get; init; }

    public DateTimeOffset? PreservedUntil { get; init; }

    public DateTimeOffset? Reported { get; init; }

    /// <summary>The authority's number for the report.</summary>
    public string? ReportNumber { get; init; }

    /// <summary>When the owner of the list that matched was told.</summary>
    public DateTimeOffset? FedBack { get; init; }
}
