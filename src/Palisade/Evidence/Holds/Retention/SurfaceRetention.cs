namespace Palisade.Evidence.Holds.Retention;

/// <summary>How long evidence of one surface is kept when nothing holds it.</summary>
/// <param name="Wanted">The operator's own terms; what is not named is not destroyed by policy.</param>
public sealed record SurfaceRetention(
    string Surface, IReadOnlyList<RetentionClass> Classes, IReadOnlyDictionary<RetainedAs, RetentionTerm> Wanted)
{
    private IEnumerable<RetentionRule> Rules => Classes.SelectMany(one => one.Rules);

    /// <summary>Every pair of duties that exclude each other.</summary>
    /// <remarks>
    /// A shortest duty never begins before a longest one about the same thing, so they exclude each other as soon as the
    /// shortest is the longer of the two.
    /// </remarks>
    public IReadOnlyList<RetentionConflict> Conflicts =>
    [
        .. from shortest in Rules
           where shortest.Kind == RetentionKind.Shortest
           from longest in Rules
           where longest.Kind == RetentionKind.Longest && longest.About == shortest.About && shortest.Span > longest.Span
           select new RetentionConflict(Surface, shortest, longest),
    ];

    /// <summary>When unheld evidence is due for destruction, and by which rule; null while nothing asks for it.</summary>
    /// <param name="detected">When it was taken in.</param>
    /// <param name="since">When it became what it is: decided, or reported. Detection again for undecided evidence.</param>
    /// <param name="choices">Which duty governs where two exclude each other.</param>
    public DestructionDue? DueOf(
        RetainedAs about, DateTimeOffset detected, DateTimeOffset since, IReadOnlyList<RetentionChoice> choices)
    {
        var passedOver = choices.Where(choice => choice.Surface == Surface).Select(choice => choice.PassedOver).ToHashSet(StringComparer.Ordinal);
        var inForce = Rules.Where(rule => rule.About == about && !passedOver.Contains(rule.Identity)).ToList();
        DestructionDue? due = Wanted.TryGetValue(about, out var wanted)
            ? new DestructionDue(since + wanted.AsShortest, $"retention of {Surface}: {Storage.Words.Of(about)} for {wanted.Text}")
            : null;
        if (inForce.Where(rule => rule.Kind == RetentionKind.Longest).MinBy(rule => rule.Span) is { } longest)
        {
            // "Not confirmed" begins with the decision; every other longest duty counts from the detection.
            var latest = (about == RetainedAs.NotConfirmed ? since : detected) + longest.Span;
            due = due is null || latest < due.At ? new DestructionDue(latest, longest.ToString()) : due;
        }

        if (due is not null && inForce.Where(rule => rule.Kind == RetentionKind.Shortest).MaxBy(rule => rule.Span) is { } shortest &&
            since + shortest.Span > due.At)
        {
            due = new DestructionDue(since + shortest.Span, $"{due.Rule}, not before {shortest}");
        }

        return due;
    }
}

/// <summary>From when evidence may be destroyed, and which rule says so.</summary>
public sealed record DestructionDue(DateTimeOffset At, string Rule);

/// <summary>An operator's recorded word on which of two duties governs a surface.</summary>
/// <param name="Conflict">The conflict's identity; another conflict needs another word.</param>
/// <param name="Governs">Identity of the rule that is kept.</param>
/// <param name="PassedOver">Identity of the rule that is not.</param>
public sealed record RetentionChoice(
    string Surface, string Conflict, string Governs, string PassedOver, DateTimeOffset ChosenAt, string By, string Reason);
