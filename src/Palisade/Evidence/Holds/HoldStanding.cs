namespace Palisade.Evidence.Holds;

/// <summary>Whether anything keeps a piece of evidence, now and by every hold on it and on its case. A closed set.</summary>
public abstract record HoldStanding
{
    private HoldStanding()
    {
    }

    /// <summary>No hold is active.</summary>
    public sealed record Free : HoldStanding;

    /// <param name="Active">The holds that are active, the one that ends last first.</param>
    public sealed record Held(IReadOnlyList<Hold> Active) : HoldStanding
    {
        /// <summary>The latest end wins.</summary>
        public DateTimeOffset Until => Active[0].EndsAt;
    }

    /// <summary>A hold was changed or removed outside Palisade. Counts as held.</summary>
    /// <param name="What">Which, in words.</param>
    public sealed record Damaged(string What) : HoldStanding;

    internal static HoldStanding Of(IReadOnlyList<StoredHold> holds, DateTimeOffset now)
    {
        if (holds.FirstOrDefault(stored => stored.Hold is null) is { } damaged)
        {
            return new Damaged(FormattableString.Invariant($"Hold {damaged.Number}"));
        }

        var active = holds.Select(stored => stored.Hold!).Where(hold => hold.IsActiveAt(now)).OrderByDescending(hold => hold.EndsAt).ToList();
        return active.Count == 0 ? new Free() : new Held(active);
    }
}
