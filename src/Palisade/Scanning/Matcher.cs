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
        IndexGeneration index, ServicePolicy policy, Fingerprints upload, UploadShare share, DateTimeOffset now)
    {
        bool Applies(Bank bank) => policy.Banks.Includes(bank) && share.FallsWithin(bank);

        var exact = FindExact(index, upload, Applies, now, out var isKnownFalseAlarm);
        var near = FindNear(index, upload, Applies, now, out var falseAlarmFrames, out var isLowQuality);

        var overruled = near.Where(match => isKnownFalseAlarm || falseAlarmFrames.Contains(match.Frame)).ToHashSet();
        var all = exact.Concat(near.Where(match => !overruled.Contains(match)))
            .GroupBy(match => match.Signal)
            .Select(sameSignal => sameSignal.MinBy(match => match.DistanceBits)!)
            .OrderByDescending(match => match.IsExact)
            .ThenBy(match => match.DistanceBits)
            .ToList();

        return new MatchFindings
        {
            IndexGeneration = index.Number,
            Matches = [.. all.Where(match => !match.IsShadow)],
            Shadow = [.. all.Where(match => match.IsShadow)],
            Overruled = [.. overruled],
            IsLowQuality = isLowQuality,
        };
    }

    private static List<Match> FindExact(
        IndexGeneration index, Fingerprints upload, Func<Bank, bool> applies, DateTimeOffset now, out bool isKnownFalseAlarm)
    {
        isKnownFalseAlarm = false;
        var matches = new List<Match>();
        var found = new List<IndexedSignal>();
        foreach (var digest in upload.Digests)
        {
            found.Clear();
            index.FindExact(digest, found);
            foreach (var signal in found)
            {
                if (!applies(signal.Bank) || !IsSeen(signal, now))
                {
                    continue;
                }

                if (!IsNeverMatch(signal.Bank))
                {
                    matches.Add(MatchOf(signal, distanceBits: 0));
                }
                else if (digest.Type == DigestType.Sha256 && signal.IsLiveAt(now))
                {
                    // A weaker digest could be forged to carry a known picture past its bank.
                    isKnownFalseAlarm = true;
                }
            }
        }

        return matches;
    }

    private static List<Match> FindNear(
        IndexGeneration index,
        Fingerprints upload,
        Func<Bank, bool> applies,
        DateTimeOffset now,
        out HashSet<int> falseAlarmFrames,
        out bool isLowQuality)
    {
        falseAlarmFrames = [];
        var best = new Dictionary<(SignalId, int Frame), Match>();
        var found = new List<NearSignal>();

        var radius = 0;
        var (leastQuality, mostQuality) = (101, 0);
        foreach (var bank in index.Banks)
        {
            if (applies(bank))
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
        foreach (var needle in upload.Needles)
        {
            isLowQuality &= needle.Quality < mostQuality;
            if (needle.Quality < leastQuality)
            {
                continue;
            }

            found.Clear();
            index.FindNear(needle.Hash, radius, found);
            foreach (var (signal, distance) in found)
            {
                var bank = signal.Bank;
                if (!applies(bank) || distance > bank.MaxDistanceBits || !IsSeen(signal, now))
                {
                    continue;
                }

                if (IsNeverMatch(bank))
                {
                    // Of this frame only: one harmless frame must not excuse the others of an animation. Quality does not
                    // count here, since pictures with little in them are what most false alarms are.
                    if (signal.IsLiveAt(now))
                    {
                        falseAlarmFrames.Add(needle.Frame);
                    }

                    continue;
                }

                var key = (signal.Id, needle.Frame);
                if (needle.Quality >= bank.MinQuality &&
                    !(best.TryGetValue(key, out var known) && known.DistanceBits <= distance))
                {
                    best[key] = MatchOf(signal, distance) with
                    {
                        ThresholdBits = bank.MaxDistanceBits,
                        Orientation = needle.Orientation,
                        Frame = needle.Frame,
                    };
                }
            }
        }

        return [.. best.Values];
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
}
