using System.Collections.Concurrent;
using System.Diagnostics;
using Palisade.Banks;
using Palisade.Banks.Regions;
using Palisade.Decoder.Contract;
using Palisade.Decoding;
using Palisade.Policy;
using Palisade.Signals.Pdq;
using Palisade.Signals.Regions;
using Palisade.Signals.Search.Regions;

namespace Palisade.Scanning;

/// <summary>
/// The second stage of matching: whether an upload that matches nothing by itself was made from an enrolled picture.
/// </summary>
/// <remarks>A stage that cannot read the picture never counts as clean: <see cref="Outcome.Unread"/> goes to the policy.</remarks>
public sealed class RegionStage(
    BankIndex banks, RegionBankIndex regions, DecoderPool decoder, RegionOptions options, TimeProvider clock)
{
    /// <summary>Only the best of a picture's matches are held against their maps: an upload has one source, seldom two.</summary>
    private const int MostMaps = 4;

    private readonly ConcurrentBag<RegionSearcher> _searchers = [];
    private readonly ConcurrentBag<MapComparison> _comparisons = [];

    public bool IsReady => !regions.IsStale;

    /// <summary>What the second stage found.</summary>
    /// <param name="Matches">The highest score first.</param>
    /// <param name="Unread">Why the picture could not be compared; null when it was.</param>
    public sealed record Outcome(IReadOnlyList<Match> Matches, DecodeOutcome? Unread);

    /// <summary>Whether an upload gets to this stage: it could be read, no live signal knows it, and it is no known false alarm.</summary>
    internal static bool IsNeeded(MatchFindings findings, DecodeOutcome outcome) =>
        outcome is DecodeOutcome.Decoded && findings.Matches.Count == 0 && !findings.IsKnownFalseAlarm;

    internal async Task<Outcome> FindAsync(
        ServicePolicy policy, ReadOnlyMemory<byte> bytes, DecodeOutcome decoded, UploadShare share, CancellationToken cancellationToken)
    {
        // An empty index finds nothing, whatever the picture.
        if (regions.Current.Count == 0)
        {
            return new Outcome([], null);
        }

        RegionQuery query;
        switch (await decoder.FindRegionsAsync(bytes, RegionParts.Query, cancellationToken))
        {
            case RegionOutcome.Found { Regions.Query: { } found }:
                query = found;
                break;
            case RegionOutcome.Unread { Why: var why }:
                return new Outcome([], why);
            default:
                throw new UnreachableException("The query was asked for.");
        }

        var index = regions.Current;
        var searcher = _searchers.TryTake(out var free) ? free : new RegionSearcher();
        var near = index.Find(searcher, query, options.PossibleFrom);
        _searchers.Add(searcher);

        var now = clock.GetUtcNow();
        var pdq = (decoded as DecodeOutcome.Decoded)?.Picture.Frames[0].Full.Hash;
        var matches = new List<Match>();
        var allBanks = banks.Current.Banks;
        foreach (var (picture, match) in near)
        {
            if (allBanks.FirstOrDefault(bank => bank.Id == picture.Bank) is { } bank &&
                policy.Banks.Includes(bank) && share.FallsWithin(bank) && bank.Purpose != BankPurpose.NeverMatch &&
                (picture.IsShadow || picture.IsLiveAt(now)) && !(pdq is { } look && regions.SameScenes.IsTunedAway(picture.Signal, look)))
            {
                matches.Add(MatchOf(policy, bank, picture, match, index.Count, pdq));
            }
        }

        return new Outcome(await WithMapsAsync(matches, near, bytes, cancellationToken), null);
    }

    private Match MatchOf(
        ServicePolicy policy, Bank bank, RegionEntry picture, RegionMatch match, int enrolled, PdqHash? pdq)
    {
        var band = options.Bands.Of(match.Score, enrolled);
        return new Match
        {
            Bank = bank,
            Signal = picture.Signal,
            Type = SignalType.Pdq,
            DistanceBits = 0,
            ThresholdBits = 0,
            IsShadow = picture.IsShadow || (band == RegionBand.Possible && policy.Possible == VerdictAction.Allow),
            Region = new RegionFound
            {
                Score = match.Score,
                Band = band,
                Coverage = match.Coverage,
                Transform = match.Transform,
                UploadPdq = pdq,
            },
        };
    }

    /// <summary>Compares the best matches with their maps, for which the picture is read once more: matches are rare.</summary>
    private async Task<IReadOnlyList<Match>> WithMapsAsync(
        List<Match> matches,
        IReadOnlyList<(RegionEntry Picture, RegionMatch Match)> near,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken)
    {
        RegionPicture? upload = null;
        for (var at = 0; at < Math.Min(MostMaps, matches.Count); at++)
        {
            var match = matches[at];
            var picture = near.First(one => one.Picture.Signal == match.Signal).Picture;
            if (await regions.FindMapAsync(picture, cancellationToken) is not { } map)
            {
                continue;
            }

            upload ??= await decoder.FindRegionsAsync(bytes, RegionParts.Picture, cancellationToken) is RegionOutcome.Found { Regions.Picture: { } read }
                ? read : null;
            if (upload is null)
            {
                break;
            }

            var comparison = _comparisons.TryTake(out var free) ? free : new MapComparison();
            matches[at] = match with
            {
                Region = match.Region! with { Finding = comparison.Compare(map, upload, match.Region.Transform) },
            };
            _comparisons.Add(comparison);
        }

        return matches;
    }
}
