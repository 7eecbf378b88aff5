using Palisade.Banks;
using Palisade.Decoding;
using Palisade.Scanning;
using Palisade.Signals.Pdq;
using Palisade.Signals.Regions;

namespace Palisade.Policy;

/// <summary>
/// What one named surface of the platform (avatars, chat images ...) does with what Matching and the decoder found.
/// </summary>
public sealed record ServicePolicy
{
    /// <summary>Most matches that a verdict tells of, the strongest first; all of them take part in it.</summary>
    public const int MaxMatches = 100;

    public required string Service { get; init; }

    public required BankSelection Banks { get; init; }

    /// <summary>What the very same bytes lead to, by purpose of the bank.</summary>
    public required IReadOnlyDictionary<BankPurpose, VerdictAction> Exact { get; init; }

    /// <summary>What a perceptual match leads to, by purpose of the bank.</summary>
    public required IReadOnlyDictionary<BankPurpose, VerdictAction> Near { get; init; }

    /// <summary>What becomes of a picture that could not be read.</summary>
    public required VerdictAction Undecodable { get; init; }

    /// <summary>What becomes of a form that is never decoded, or that is no picture.</summary>
    public required VerdictAction Refused { get; init; }

    public required bool AllOrientations { get; init; }

    /// <summary>With which of an upload's hashes the banks are asked.</summary>
    public required IReadOnlyList<PdqProfile> Profiles { get; init; }

    /// <summary>Whether the banks are asked with the profile full and no other.</summary>
    public bool AsksForFullAlone => Profiles is [PdqProfile.Full];

    /// <summary>Whether uploads that match nothing by themselves are compared by their regions.</summary>
    public RegionMode Regions { get; init; }

    /// <summary>What a match leads to that is only possible: allow (it is recorded) or hold (a person looks).</summary>
    public VerdictAction Possible { get; init; } = VerdictAction.Allow;

    /// <summary>Makes one verdict of everything that is known about an upload.</summary>
    /// <param name="outcome">What the decoder said; null for a look-up by hashes.</param>
    public Verdict Judge(MatchFindings findings, DecodeOutcome? outcome)
    {
        var action = VerdictAction.Allow;
        var reasons = new List<string>();

        foreach (var match in findings.Matches)
        {
            action = Stronger(action, ActionFor(match, findings.Matches));
            AddOnce(match switch
            {
                { Region.Band: RegionBand.Derived } => Reasons.MatchRegion,
                { Region: not null } => Reasons.PossibleRegion,
                { IsExact: true } => Reasons.MatchExact,
                _ => Reasons.MatchNear,
            });
            if (IsWeak(match, findings.Matches))
            {
                AddOnce(Reasons.WeakDigest);
            }
        }

        switch (outcome)
        {
            case DecodeOutcome.Undecodable undecodable:
                action = Stronger(action, Undecodable);
                AddOnce(Reasons.Undecodable(undecodable.Reason));
                break;
            case DecodeOutcome.Refused:
                action = Stronger(action, Refused);
                AddOnce(Reasons.Refused);
                break;
        }

        if (findings.IsLowQuality)
        {
            AddOnce(Reasons.LowQuality);
        }

        if (findings.Overruled.Count > 0)
        {
            AddOnce(Reasons.NeverMatch);
        }

        return new Verdict
        {
            Action = action,
            Reasons = reasons,
            Matches = [.. findings.Matches.OrderByDescending(match => ActionFor(match, findings.Matches)).Take(MaxMatches)],
            ShadowMatches = [.. findings.Shadow.Take(MaxMatches)],
            IndexGeneration = findings.IndexGeneration,
            Approximate = outcome is DecodeOutcome.Decoded { Picture.Approximate: true },
        };

        void AddOnce(string reason)
        {
            if (!reasons.Contains(reason))
            {
                reasons.Add(reason);
            }
        }
    }

    private VerdictAction ActionFor(Match match, IReadOnlyList<Match> all)
    {
        var action = (match.IsExact ? Exact : Near)[match.Bank.Purpose];
        if (IsWeak(match, all) || match.Region is not null)
        {
            // Of regions too, since pictures of one room or series match truly: a person sees the map and decides.
            action = Weaker(action, VerdictAction.Hold);
        }

        return Weaker(action, match.Bank.AllowedAction);
    }

    /// <summary>
    /// Two files with one MD5 or SHA-1 can be made on purpose, so alone these lead to a person; a SHA-256 of the same
    /// bank that matches too confirms them.
    /// </summary>
    private static bool IsWeak(Match match, IReadOnlyList<Match> all) =>
        match.Type is SignalType.Md5 or SignalType.Sha1 &&
        !all.Any(other => other.Type == SignalType.Sha256 && other.Bank.Id == match.Bank.Id);

    private static VerdictAction Stronger(VerdictAction one, VerdictAction other) => one > other ? one : other;

    private static VerdictAction Weaker(VerdictAction one, VerdictAction other) => one < other ? one : other;
}
