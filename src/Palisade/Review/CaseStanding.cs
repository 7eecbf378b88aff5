namespace Palisade.Review;

/// <summary>What became of the case of a piece of evidence.</summary>
/// <param name="Service">The surface that the evidence came through.</param>
/// <param name="Decision">The last one that was not undone.</param>
/// <param name="ReportedAt">When an authority acknowledged a report.</param>
internal sealed record CaseStanding(CaseState State, string Service, CaseDecision? Decision, DateTimeOffset? ReportedAt);
