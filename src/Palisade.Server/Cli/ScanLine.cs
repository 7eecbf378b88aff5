using System.Text.Json.Serialization;
using Palisade.Policy;
using Palisade.Scanning;

namespace Palisade.Server.Cli;

/// <summary>What <c>palisade scan --json</c> says about one file. The shape is documented and stays.</summary>
/// <param name="Verdict">allow, hold or block; null when the file could not be looked at.</param>
/// <param name="Reasons">The verdict's reasons, or why there is none.</param>
internal sealed record ScanLine(
    string File, VerdictAction? Verdict, IReadOnlyList<string> Reasons, IReadOnlyList<ScanLine.Matched> Matches)
{
    /// <summary>How far the regions have been compared; left out where the service does not ask for them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RegionState? Regions { get; init; }

    /// <param name="Signal">The signal's number; <c>region</c> where the file was made from a picture in the bank.</param>
    public sealed record Matched(
        string Bank,
        string Signal,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Distance,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Orientation)
    {
        /// <summary>The number of the signal whose picture it was made from.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Picture { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? Score { get; init; }

        /// <summary>possible or derived.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Band { get; init; }

        /// <summary>background-kept, cropped, framed or patch-pasted.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Direction { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Covered? Coverage { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public bool? Mirrored { get; init; }

        internal static Matched Of(KeptMatch match) => match.Region is not { } region
            ? new Matched(match.Bank, match.Signal, match.Distance, match.Orientation)
            : new Matched(match.Bank, KeptMatch.RegionType, null, null)
            {
                Picture = match.Signal,
                Score = region.Score,
                Band = region.Band,
                Direction = region.Direction,
                Coverage = new Covered(region.CoverageOfEnrolled, region.CoverageOfUpload),
                Mirrored = region.Mirrored,
            };
    }

    /// <summary>Shares, 0 to 1, of the picture in the bank that was found again, and of the file that comes from it.</summary>
    public sealed record Covered(double Enrolled, double Upload);

    public static ScanLine NotLookedAt(string file, string reason) => new(file, null, [reason], []);

    public static ScanLine Of(string file, ScanResult.Answered answered) => new(
        file,
        answered.Verdict,
        answered.Detail.Reasons,
        [.. answered.Detail.Matches.Concat(answered.Detail.Possible).Select(Matched.Of)])
    {
        Regions = answered.Regions == RegionState.Off ? null : answered.Regions,
    };
}
