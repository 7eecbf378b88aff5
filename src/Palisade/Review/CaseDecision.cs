namespace Palisade.Review;

/// <summary>What a trained person concluded about a case.</summary>
public sealed record CaseDecision
{
    /// <summary>Null when a case was closed with a platform action alone.</summary>
    public CaseOutcome? Outcome { get; init; }

    public ContentNovelty? Novelty { get; init; }

    public ContentOrigin Origin { get; init; } = ContentOrigin.NotEvaluated;

    /// <summary>What a report needs to know; null while there is none to file.</summary>
    public ReportFacts? Report { get; init; }

    /// <summary>A life is in danger: effective at once, without the undo time.</summary>
    public bool ThreatToLife { get; init; }

    public required PlatformAction Action { get; init; }

    public required string Reason { get; init; }

    /// <summary>As <see cref="Audit.Actor"/> writes it.</summary>
    public required string By { get; init; }

    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>Until then it can be undone and nothing has left.</summary>
    public required DateTimeOffset EffectiveAt { get; init; }

    public DateTimeOffset? UndoneAt { get; init; }
}

public enum CaseOutcome
{
    ApparentAbuseMaterial,
    OtherReportableOffence,
    IntimateImageOfAdult,

    /// <summary>A protected photo was altered, and the result is lawful.</summary>
    AlteredProtectedPhoto,
    Benign,

    /// <summary>The signal met something else than it was made of.</summary>
    NotAMatch,

    /// <summary>Another person has to look.</summary>
    SecondLook,
}

public enum ContentNovelty
{
    Known,
    New,
}

/// <summary>How it was made, as far as anybody looked.</summary>
public enum ContentOrigin
{
    NotEvaluated,
    AiMade,
    AiAltered,
}

/// <summary>The reporter's words of the report: incident type, industry classification, annotations.</summary>
public sealed record ReportFacts(string? IncidentType, string? Classification, IReadOnlyList<string> Annotations);
