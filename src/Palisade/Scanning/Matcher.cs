using System.Runtime.InteropServices;
using Palisade.Banks;
using Palisade.Decoding;
using Palisade.Policy;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;

namespace Palisade.Scanning;

/// <summary>
/// Asks the banks that apply to a service about one upload. Pure: the same generation, policy, upload and moment always
/// give the same findings.
/// </summary>
/// <remarks>
/// All of it is always done, whatever matched first: an upload that matches must not be told from an ordinary one by how
/// long it takes.
/// </remarks>
public static class Matcher
{
    public static MatchFindings Find(
        IndexGeneration index, ServicePolicy policy, Fingerprints upload, UploadShare share, DateTimeOffset now) =>
        Find(index, policy, upload, share, now, new MatchScratch());

    /// <param name="scratch">Memory that is used again from upload to upload; for one thread at a time.</param>
    public static MatchFindings Find(
        IndexGeneration index,
        ServicePolicy policy,
        Fingerprints upload,
        UploadShare share,
        DateTimeOffset now,
        MatchScratch scratch)
    {
        scratch.Clear();
        var asked = new Asked(policy.Banks, share, now);
        FindExact(index, upload, asked, scratch, out var isKnownFalseAlarm);
        FindNear(index, upload, asked, scratch, out var isLowQuality);

        // Nearly every upload ends here.
        return scratch.Exact.Count + scratch.Best.Count == 0
            ? new MatchFindings
            {
                IndexGeneration = index.Number,
                Matches = [],
                Shadow = [],
                Overruled = [],
                IsKnownFalseAlarm = isKnownFalseAlarm || scratch.FalseAlarmFrames.Contains(0),
                IsLowQuality = isLowQuality,
            }
            : Combine(index.Number, scratch, isKnownFalseAlarm, isLowQuality);
    }

    /// <summary>
    /// Whether no bank that applies can know an upload by its look, as far as an estimate of its fingerprint tells: it has much
    /// more quality than they ask for, and no signal of theirs is within their distance and a margin.
    /// </summary>
    /// <param name="scratch">As of <see cref="Find(IndexGeneration, ServicePolicy, Fingerprints, UploadShare, DateTimeOffset, MatchScratch)"/>.</param>
    public static bool RulesOut(
        IndexGeneration index,
        ServicePolicy policy,
        PictureEstimate estimate,
        UploadShare share,
        DateTimeOffset now,
        MatchScratch scratch)
    {
        scratch.Clear();
        var asked = new Asked(policy.Banks, share, now);
        var reach = ReachOf(index, asked);
        if (reach.IsNothing)
        {
            return true;
        }

        if (estimate.Near.Quality < reach.MostQuality + PictureEstimate.MarginQuality)
        {
            return false;
        }

        for (var orientation = 0; orientation < (policy.AllOrientations ? 8 : 1); orientation++)
        {
            scratch.Hashes.Add(estimate.Near.Hashes[(Orientation)orientation]);
        }

        var radius = Math.Min(reach.Radius + PictureEstimate.MarginBits, PdqHash.BitCount - 1);
        index.FindNear(CollectionsMarshal.AsSpan(scratch.Hashes), radius, scratch.Neighbours, scratch.Near);
        foreach (var (_, (signal, distance)) in scratch.Near)
        {
            if (asked.Applies(signal.Bank) && !IsNeverMatch(signal.Bank) &&
                distance <= signal.Bank.MaxDistanceBits + PictureEstimate.MarginBits)
            {
                return false;
            }
        }

        return true;
    }

    private static MatchFindings Combine(long generation, MatchScratch scratch, bool isKnownFalseAlarm, bool isLowQuality)
    {
        var near = scratch.Best.Values;
        var overruled = near.Where(match => isKnownFalseAlarm || scratch.FalseAlarmFrames.Contains(match.Frame)).ToHashSet();
        var all = scratch.Exact.Concat(near.Where(match => !overruled.Contains(match)))
            .GroupBy(match => match.Signal)
            .Select(sameSignal => sameSignal.MinBy(match => match.DistanceBits)!)
            .OrderByDescending(match => match.IsExact)
            .ThenBy(match => match.DistanceBits)
            .ToList();

        return new MatchFindings
        {
            IndexGeneration = generation,
            Matches = [.. all.Where(match => !match.IsShadow)],
            Shadow = [.. all.Where(match => match.IsShadow)],
            Overruled = [.. overruled],
            IsKnownFalseAlarm = isKnownFalseAlarm || scratch.FalseAlarmFrames.Contains(0),
            IsLowQuality = isLowQuality,
        };
    }

    private static void FindExact(
        IndexGeneration index, Fingerprints upload, in Asked asked, MatchScratch scratch, out bool isKnownFalseAlarm)
    {
        isKnownFalseAlarm = false;
        for (var at = 0; at < upload.Digests.Count; at++)
        {
            var digest = upload.Digests[at];
            scratch.Found.Clear();
            index.FindExact(digest, scratch.Rows, scratch.Found);
            foreach (var signal in scratch.Found)
            {
                if (!asked.Applies(signal.Bank) || !IsSeen(signal, asked.Now))
                {
                    continue;
                }

                if (!IsNeverMatch(signal.Bank))
                {
                    scratch.Exact.Add(MatchOf(signal, distanceBits: 0));
                }
                else if (digest.Type == DigestType.Sha256 && signal.IsLiveAt(asked.Now))
                {
                    // A weaker digest could be forged to carry a known picture past its bank.
                    isKnownFalseAlarm = true;
                }
            }
        }
    }

    private static void FindNear(
        IndexGeneration index, Fingerprints upload, in Asked asked, MatchScratch scratch, out bool isLowQuality)
    {
        var reach = ReachOf(index, asked);
        isLowQuality = upload.Needles.Count > 0;
        for (var at = 0; at < upload.Needles.Count; at++)
        {
            var needle = upload.Needles[at];
            isLowQuality &= needle.Quality < reach.MostQuality;
            if (needle.Quality >= reach.LeastQuality)
            {
                scratch.Needles.Add(needle);
                scratch.Hashes.Add(needle.Hash);
            }
        }

        index.FindNear(CollectionsMarshal.AsSpan(scratch.Hashes), reach.Radius, scratch.Neighbours, scratch.Near);
        foreach (var (place, (signal, distance)) in scratch.Near)
        {
            var bank = signal.Bank;
            if (asked.Applies(bank) && distance <= bank.MaxDistanceBits && IsSeen(signal, asked.Now))
            {
                Take(scratch.Needles[place], signal, distance, asked.Now, scratch);
            }
        }
    }

    /// <summary>How far and from which quality on the banks that apply must be searched.</summary>
    private static Reach ReachOf(IndexGeneration index, in Asked asked)
    {
        var radius = 0;
        var (leastQuality, mostQuality) = (Reach.MoreThanAnyQuality, 0);
        for (var at = 0; at < index.Banks.Count; at++)
        {
            var bank = index.Banks[at];
            if (asked.Applies(bank))
            {
                radius = Math.Max(radius, bank.MaxDistanceBits);
                if (!IsNeverMatch(bank))
                {
                    leastQuality = Math.Min(leastQuality, bank.MinQuality);
                    mostQuality = Math.Max(mostQuality, bank.MinQuality);
                }
            }
        }

        return new Reach(radius, leastQuality, mostQuality);
    }

    private static void Take(in Needle needle, in IndexedSignal signal, int distance, DateTimeOffset now, MatchScratch scratch)
    {
        if (IsNeverMatch(signal.Bank))
        {
            // Of this frame only: one harmless frame must not excuse the others of an animation. Quality does not
            // count here, since pictures with little in them are what most false alarms are.
            if (signal.IsLiveAt(now))
            {
                scratch.FalseAlarmFrames.Add(needle.Frame);
            }

            return;
        }

        var key = (signal.Id, needle.Frame);
        if (needle.Quality >= signal.Bank.MinQuality &&
            !(scratch.Best.TryGetValue(key, out var known) && known.DistanceBits <= distance))
        {
            scratch.Best[key] = MatchOf(signal, distance) with
            {
                ThresholdBits = signal.Bank.MaxDistanceBits,
                Orientation = needle.Orientation,
                Frame = needle.Frame,
            };
        }
    }

    private static bool IsNeverMatch(Bank bank) => bank.Purpose == BankPurpose.NeverMatch;

    /// <summary>Probation matches too, in shadow; disabled and withdrawn signals do not.</summary>
    private static bool IsSeen(IndexedSignal signal, DateTimeOffset now) => signal.IsShadow || signal.IsLiveAt(now);

    private static Match MatchOf(IndexedSignal signal, int distanceBits) => new()
    {
        Bank = signal.Bank,
        Signal = signal.Id,
        Type = signal.Type,
        DistanceBits = distanceBits,
        ThresholdBits = 0,
        IsShadow = signal.IsShadow,
    };

    /// <summary>The largest distance of any bank that applies, and the least and largest quality that one asks for.</summary>
    private readonly record struct Reach(int Radius, int LeastQuality, int MostQuality)
    {
        public const int MoreThanAnyQuality = 101;

        /// <summary>No bank applies that could match.</summary>
        public bool IsNothing => LeastQuality == MoreThanAnyQuality;
    }

    /// <summary>Which banks are asked, and when.</summary>
    private readonly record struct Asked(BankSelection Banks, UploadShare Share, DateTimeOffset Now)
    {
        public bool Applies(Bank bank) => Banks.Includes(bank) && Share.FallsWithin(bank);
    }
}
