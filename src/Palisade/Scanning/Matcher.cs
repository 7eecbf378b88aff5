using System.Runtime.InteropServices;
using Palisade.Banks;
using Palisade.Policy;
using Palisade.Signals.Digests;

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
        var radius = 0;
        var (leastQuality, mostQuality) = (101, 0);
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

        isLowQuality = upload.Needles.Count > 0;
        for (var at = 0; at < upload.Needles.Count; at++)
        {
            var needle = upload.Needles[at];
            isLowQuality &= needle.Quality < mostQuality;
            if (needle.Quality >= leastQuality)
            {
                scratch.Needles.Add(needle);
                scratch.Hashes.Add(needle.Hash);
            }
        }

        index.FindNear(CollectionsMarshal.AsSpan(scratch.Hashes), radius, scratch.Neighbours, scratch.Near);
        foreach (var (place, (signal, distance)) in scratch.Near)
        {
            var bank = signal.Bank;
            if (asked.Applies(bank) && distance <= bank.MaxDistanceBits && IsSeen(signal, asked.Now))
            {
                Take(scratch.Needles[place], signal, distance, asked.Now, scratch);
            }
        }
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

    /// <summary>Which banks are asked, and when.</summary>
    private readonly record struct Asked(BankSelection Banks, UploadShare Share, DateTimeOffset Now)
    {
        public bool Applies(Bank bank) => Banks.Includes(bank) && Share.FallsWithin(bank);
    }
}
