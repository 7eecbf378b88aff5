using Palisade.Review;

namespace Palisade.Evidence.Holds;

/// <summary>A hold that somebody wants to place.</summary>
public sealed record HoldRequest
{
    public const int LongestReference = 200;
    public const int LongestReason = 1000;

    public required HoldSubject Subject { get; init; }

    public required HoldBasis Basis { get; init; }

    /// <summary>From when its time counts; null means now. For a report: when its submission was complete.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>The first moment at which it no longer holds; null means the usual term of its basis.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>The report's, letter's or order's own number. Kept sealed.</summary>
    public string? Reference { get; init; }

    /// <summary>Why, in a person's words. Kept sealed.</summary>
    public string? Reason { get; init; }

    /// <summary>The hold that begins when a report's submission is complete, over all evidence of its case.</summary>
    /// <param name="basis">By the authority that took the report.</param>
    /// <param name="submittedAt">When the last step was acknowledged, not when the report was drafted.</param>
    /// <param name="reference">The authority's number for the report.</param>
    public static HoldRequest ForReport(CaseId @case, HoldBasis basis, DateTimeOffset submittedAt, string reference) => new()
    {
        Subject = HoldSubject.Of(@case),
        Basis = basis,
        StartsAt = submittedAt,
        Reference = reference,
    };
}
