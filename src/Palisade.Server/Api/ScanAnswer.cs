using Palisade.Policy;
using Palisade.Scanning;

namespace Palisade.Server.Api;

/// <summary>The answer to one upload or look-up. What is null is left out.</summary>
/// <param name="Id">Names the scan; random, and of one form whatever the verdict.</param>
/// <param name="Reasons">With the scope <c>match.detail</c> only, as everything after it.</param>
/// <param name="Approximate">True when the picture was hashed at a smaller size; left out otherwise.</param>
internal sealed record ScanAnswer(
    string Id,
    VerdictAction Verdict,
    IReadOnlyList<string>? Reasons,
    IReadOnlyList<MatchAnswer>? Matches,
    long? IndexGeneration,
    bool? Approximate)
{
    internal static ScanAnswer Of(ScanResult.Answered answered, Caller caller) => caller.SeesMatches
        ? new ScanAnswer(
            answered.Id.ToString(),
            answered.Verdict,
            answered.Detail.Reasons,
            [.. answered.Detail.Matches.Select(MatchAnswer.Of)],
            answered.Detail.IndexGeneration,
            answered.Detail.Approximate ? true : null)
        : new ScanAnswer(answered.Id.ToString(), answered.Verdict, null, null, null, null);
}

/// <summary>One signal that was met.</summary>
/// <param name="Distance">Differing bits of a PDQ match, 0 for a digest.</param>
/// <param name="Orientation">How the upload had to be turned: original, rotate90 ... flip-minus1.</param>
internal sealed record MatchAnswer(string Bank, string Signal, int Distance, string Orientation)
{
    internal static MatchAnswer Of(KeptMatch match) => new(match.Bank, match.Signal, match.Distance, match.Orientation);
}
