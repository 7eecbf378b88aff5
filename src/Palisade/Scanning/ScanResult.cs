using Palisade.Policy;

namespace Palisade.Scanning;

/// <summary>What came of a request. A closed set; only <see cref="Answered"/> has a verdict.</summary>
public abstract record ScanResult
{
    private ScanResult()
    {
    }

    /// <summary>There is a verdict, and what must be kept of it is on stable storage.</summary>
    public sealed record Answered(ScanId Id, VerdictAction Verdict, AnswerDetail Detail) : ScanResult
    {
        /// <summary>How far the upload's regions have been compared.</summary>
        public RegionState Regions { get; init; }
    }

    /// <summary>The policy has no such service.</summary>
    public sealed record UnknownService : ScanResult;

    /// <summary>The idempotency key stands for another request.</summary>
    public sealed record KeyReused : ScanResult;
}

/// <summary>What only callers with the scope <c>match.detail</c> are told.</summary>
/// <remarks>
/// A repeated answer to a clean scan has no reasons, since nothing is kept of a clean scan from which to tell them.
/// </remarks>
public sealed record AnswerDetail(
    IReadOnlyList<string> Reasons, IReadOnlyList<KeptMatch> Matches, long IndexGeneration, bool Approximate)
{
    /// <summary>Pictures that the upload may have been made from, with too few points to act; for reviewers.</summary>
    public IReadOnlyList<KeptMatch> Possible { get; init; } = [];

    internal static AnswerDetail Of(Verdict verdict) => new(
        verdict.Reasons, [.. verdict.Matches.Select(KeptMatch.Of)], verdict.IndexGeneration, verdict.Approximate)
    {
        Possible = [.. verdict.ShadowMatches.Where(match => match.Region is not null).Select(KeptMatch.Of)],
    };

    internal static AnswerDetail Of(ScanRecord record) => new(
        record.Facts.Reasons,
        [.. record.Facts.Matches.Where(match => !match.Shadow)],
        record.IndexGeneration,
        record.Facts.Approximate);
}
