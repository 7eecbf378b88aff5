namespace Palisade.Evidence.Holds.Destruction;

/// <summary>What one sweep did, or what a dry run would do.</summary>
public sealed record SweepOutcome
{
    /// <summary>Why nothing was looked at and nothing destroyed; null when the sweep ran.</summary>
    public SweepRefused? Refusal { get; init; }

    /// <summary>Destroyed now; in a dry run: what would be.</summary>
    public IReadOnlyList<SweptEvidence> Destroyed { get; init; } = [];

    /// <summary>Destructions among them that an earlier process had begun.</summary>
    public int Resumed { get; init; }

    /// <summary>Kept by a hold.</summary>
    public int Held { get; init; }

    /// <summary>Held by nothing, and not due.</summary>
    public int NotDue { get; init; }

    /// <summary>Left alone because a record of theirs is damaged or missing, each with what is wrong.</summary>
    public IReadOnlyList<string> Damaged { get; init; } = [];
}

/// <summary>A piece of evidence that is due, and the rule that says so.</summary>
public sealed record SweptEvidence(EvidenceId Id, string Rule);

/// <summary>Why a whole sweep was refused. A closed set.</summary>
/// <param name="Reason">What is wrong and what to do.</param>
public abstract record SweepRefused(string Reason)
{
    /// <summary>Why the clock is not believed; null when it is.</summary>
    /// <param name="seen">The latest time that this store has seen and believed; null when it has seen none.</param>
    internal static SweepRefused? OfClock(DateTimeOffset now, DateTimeOffset? seen, SweepOptions options) => seen switch
    {
        { } last when now > last + options.LongestSilence => new ClockAhead(now, last),
        { } last when now < last - HoldBook.ClockTolerance => new ClockBehind(now, last),
        _ => null,
    };

    /// <param name="Seen">The latest time that this store has seen and believed.</param>
    public sealed record ClockAhead(DateTimeOffset Now, DateTimeOffset Seen) : SweepRefused(
        $"The clock says {HoldRefused.Shown(Now)}, and the last that this store saw was {HoldRefused.Shown(Seen)}. Nothing is destroyed " +
        "while that is in doubt. If the clock is wrong, set it right; if the service was really off for so long: " +
        FormattableString.Invariant($"palisade evidence sweep --confirm-clock {Now.UtcDateTime:yyyy-MM-dd}"));

    public sealed record ClockBehind(DateTimeOffset Now, DateTimeOffset Seen) : SweepRefused(
        $"The clock says {HoldRefused.Shown(Now)}, and this store has already seen {HoldRefused.Shown(Seen)}. Nothing is destroyed until " +
        "the clock is right again; holds that are placed meanwhile count from the later time.");

    public sealed record HoldsDamaged(IReadOnlyList<string> Faults) : SweepRefused(
        $"{string.Join("; ", Faults.Take(10))}{(Faults.Count > 10 ? "; and more" : "")}. Holds were changed outside Palisade, so nobody knows " +
        "what they kept, and nothing is destroyed. Restore the store from a backup; palisade verify names everything that is damaged.");

    public sealed record LawsUnsettled(IReadOnlyList<string> Conflicts) : SweepRefused(
        $"Nothing is destroyed while two laws exclude each other. {string.Join(" ", Conflicts)}");
}
