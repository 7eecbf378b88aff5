using Palisade.Policy;
using Palisade.Scanning;

namespace Palisade.Server.Cli;

/// <summary>What <c>palisade scan --json</c> says about one file. The shape is documented and stays.</summary>
/// <param name="Verdict">allow, hold or block; null when the file could not be looked at.</param>
/// <param name="Reasons">The verdict's reasons, or why there is none.</param>
internal sealed record ScanLine(
    string File, VerdictAction? Verdict, IReadOnlyList<string> Reasons, IReadOnlyList<ScanLine.Matched> Matches)
{
    public sealed record Matched(string Bank, string Signal, int Distance, string Orientation);

    public static ScanLine NotLookedAt(string file, string reason) => new(file, null, [reason], []);

    public static ScanLine Of(string file, ScanResult.Answered answered) => new(
        file,
        answered.Verdict,
        answered.Detail.Reasons,
        [.. answered.Detail.Matches.Select(match => new Matched(match.Bank, match.Signal, match.Distance, match.Orientation))]);
}
