namespace Palisade.Evidence.Holds.Retention;

/// <summary>What has become of a piece of evidence, as far as the time it is kept depends on it.</summary>
public enum RetainedAs
{
    /// <summary>Nobody has decided its case. Counts from detection.</summary>
    Undecided,

    /// <summary>Its case was decided, and it was nothing. Counts from the decision.</summary>
    NotConfirmed,

    /// <summary>Its case was decided against it and not reported. Counts from the decision.</summary>
    ActedUpon,

    /// <summary>It was part of a report. Counts from the completed submission; a longest duty counts from detection.</summary>
    Reported,

    /// <summary>No evidence but the authority's number for a report. Counts from its issue.</summary>
    ReportReference,
}

public enum RetentionKind
{
    /// <summary>Keep it at least so long.</summary>
    Shortest,

    /// <summary>Keep it at most so long.</summary>
    Longest,
}

/// <summary>One duty of one jurisdiction about one kind of thing.</summary>
/// <param name="Source">The law's place, as it is named to whoever has to choose.</param>
public sealed record RetentionRule(
    string ClassName, RetainedAs About, RetentionKind Kind, RetentionTerm Term, string Source)
{
    /// <summary>Which rule it is, in words that change when the rule does: a choice made about another rule does not count.</summary>
    public string Identity => $"{ClassName}/{Storage.Words.Of(About)}/{Storage.Words.Of(Kind)}/{Term.Text}/{Source}";

    public TimeSpan Span => Kind == RetentionKind.Shortest ? Term.AsShortest : Term.AsLongest;

    public override string ToString() => $"{(Kind == RetentionKind.Shortest ? "at least" : "at most")} {Term.Text} ({Source})";
}

/// <summary>The duties of one jurisdiction.</summary>
public sealed record RetentionClass(string Name, string Title, string? Note, IReadOnlyList<RetentionRule> Rules);

/// <summary>A shortest and a longest duty that cannot both be kept on one surface.</summary>
public sealed record RetentionConflict(string Surface, RetentionRule Shortest, RetentionRule Longest)
{
    /// <summary>What a choice is recorded under.</summary>
    public string Identity => $"{Shortest.Identity} | {Longest.Identity}";

    public override string ToString() =>
        $"On the surface '{Surface}', {Storage.Words.Of(Shortest.About)} evidence is to be kept at least {Shortest.Term.Text} " +
        $"by {Shortest.Source}, and at most {Longest.Term.Text} by {Longest.Source}. Both cannot be kept. Take one of the classes " +
        $"from the surface in retention.json, or record which governs: palisade retention choose {Surface} {Shortest.ClassName} " +
        $"--over {Longest.ClassName} --reason \"...\" (or the other way round).";
}
