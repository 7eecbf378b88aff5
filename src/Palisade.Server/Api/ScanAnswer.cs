using Palisade.Policy;
using Palisade.Scanning;

namespace Palisade.Server.Api;

/// <summary>The answer to one upload or look-up. What is null is left out.</summary>
/// <param name="Id">Names the scan; random, and of one form whatever the verdict.</param>
/// <param name="Reasons">With the scope <c>match.detail</c> only, as everything after it.</param>
/// <param name="Regions">
/// How far altered copies were looked for: done, not-needed, or pending, when a verdict that is not clean follows by the feed.
/// Left out where the service does not ask.
/// </param>
/// <param name="Approximate">True when the picture was hashed at a smaller size; left out otherwise.</param>
internal sealed record ScanAnswer(
    string Id,
    VerdictAction Verdict,
    IReadOnlyList<string>? Reasons,
    IReadOnlyList<MatchAnswer>? Matches,
    long? IndexGeneration,
    bool? Approximate,
    RegionState? Regions)
{
    internal static ScanAnswer Of(ScanResult.Answered answered, Caller caller) => caller.SeesMatches
        ? new ScanAnswer(
            answered.Id.ToString(),
            answered.Verdict,
            answered.Detail.Reasons,
            [.. answered.Detail.Matches.Select(MatchAnswer.Of)],
            answered.Detail.IndexGeneration,
            answered.Detail.Approximate ? true : null,
            Told(answered.Regions))
        : new ScanAnswer(answered.Id.ToString(), answered.Verdict, null, null, null, null, Told(answered.Regions));

    private static RegionState? Told(RegionState state) => state == RegionState.Off ? null : state;
}

/// <summary>One signal that was met.</summary>
/// <param name="Signal">Its number; <c>region</c> where the upload was made from a picture in the bank.</param>
/// <param name="Distance">Differing bits of a PDQ match, 0 for a digest.</param>
/// <param name="Orientation">How the upload had to be turned: original, rotate90 ... flip-minus1.</param>
/// <param name="Region">How the upload was made from the picture; left out for any other match.</param>
internal sealed record MatchAnswer(string Bank, string Signal, int? Distance, string? Orientation, RegionAnswered? Region = null)
{
    /// <summary>What a platform is told: never which photo of the bank it was, nor where it was altered.</summary>
    internal static MatchAnswer Of(KeptMatch match) => match.Region is { } region
        ? new(match.Bank, KeptMatch.RegionType, null, null, RegionAnswered.Of(region))
        : new(match.Bank, match.Signal, match.Distance, match.Orientation);

    /// <summary>What a reviewer of the case is told.</summary>
    internal static MatchAnswer ForReviewer(KeptMatch match) => match.Region is { } region
        ? Of(match) with
        {
            Region = RegionAnswered.Of(region) with
            {
                Picture = match.Signal,
                Map = region.Map,
                ScalePercent = region.ScalePercent,
                TurnDegrees = region.TurnDegrees,
                Mirrored = region.Mirrored,
            },
        }
        : Of(match);
}

/// <summary>How an upload was made from a picture in a bank.</summary>
/// <param name="Score">Points of the picture that were found again.</param>
/// <param name="Band">possible or derived.</param>
/// <param name="Direction">background-kept, cropped, framed or patch-pasted.</param>
/// <param name="Coverage">Shares, 0 to 1, of the picture in the bank and of the upload.</param>
/// <param name="Picture">The signal of the picture; to reviewers only, as all after it.</param>
/// <param name="Map">32 x 32 places of the picture: . same, # altered, ? not shown, ~ blurred.</param>
internal sealed record RegionAnswered(
    int Score,
    string Band,
    string Direction,
    RegionCovered Coverage,
    string? Picture = null,
    string? Map = null,
    double? ScalePercent = null,
    double? TurnDegrees = null,
    bool? Mirrored = null)
{
    internal static RegionAnswered Of(KeptRegion region) => new(
        region.Score, region.Band, region.Direction, new RegionCovered(region.CoverageOfEnrolled, region.CoverageOfUpload));
}

internal sealed record RegionCovered(double Enrolled, double Upload);
