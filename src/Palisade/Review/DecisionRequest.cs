namespace Palisade.Review;

/// <summary>What a person wants to record about a case.</summary>
public sealed record DecisionRequest
{
    public required CaseOutcome Outcome { get; init; }

    public ContentNovelty? Novelty { get; init; }

    public ContentOrigin Origin { get; init; } = ContentOrigin.NotEvaluated;

    /// <summary>Words of <see cref="ReportWords"/>; null leaves a report with the usual ones of its outcome.</summary>
    public ReportFacts? Report { get; init; }

    /// <summary>A life is in danger: effective at once, and the report is escalated with <see cref="Reason"/>.</summary>
    public bool ThreatToLife { get; init; }

    /// <summary>Null means the usual one: remove what is reportable or intimate, release the rest.</summary>
    public PlatformAction? Action { get; init; }

    public required string Reason { get; init; }

    /// <summary>How many uploads the person saw; null does not ask.</summary>
    public long? SeenUploads { get; init; }

    internal PlatformAction ActionInForce => Action ?? Outcome switch
    {
        CaseOutcome.Benign or CaseOutcome.NotAMatch or CaseOutcome.AlteredProtectedPhoto => PlatformAction.Release,
        CaseOutcome.SecondLook => PlatformAction.Silent,
        _ => PlatformAction.Remove,
    };
}

public static class CaseOutcomes
{
    /// <summary>A report to an authority follows.</summary>
    public static bool IsReportable(this CaseOutcome outcome) =>
        outcome is CaseOutcome.ApparentAbuseMaterial or CaseOutcome.OtherReportableOffence;
}

/// <summary>The words that a report's facts may hold, as the authority's vocabulary in kebab case.</summary>
public static class ReportWords
{
    public static IReadOnlyList<string> IncidentTypes { get; } =
    [
        "child-pornography", "child-sex-trafficking", "child-sex-tourism", "child-sexual-molestation", "misleading-domain-name",
        "misleading-words-or-digital-images", "online-enticement", "unsolicited-obscene-material",
    ];

    /// <summary>Letter: apparent age (A before, B in puberty). Digit: rank (1 sex act, 2 lascivious exhibition).</summary>
    public static IReadOnlyList<string> Classifications { get; } = ["A1", "A2", "B1", "B2"];

    /// <summary>Said of the whole report.</summary>
    public static IReadOnlyList<string> ReportAnnotations { get; } =
        ["sextortion", "csam-solicitation", "minor-to-minor-interaction", "spam", "sadistic-online-exploitation"];

    /// <summary>Said of each reported file. That it was made by generative AI follows from the decision's origin.</summary>
    public static IReadOnlyList<string> FileAnnotations { get; } =
    [
        "anime-drawing-virtual-hentai", "potential-meme", "viral", "possible-self-production", "physical-harm", "violence-gore",
        "bestiality", "live-streaming", "infant",
    ];

    /// <returns>The field that holds a word of none of these lists; null when all are known.</returns>
    internal static string? FaultOf(ReportFacts facts) =>
        facts.IncidentType is { } type && !IncidentTypes.Contains(type, StringComparer.Ordinal) ? "incidentType"
        : facts.Classification is { } rank && !Classifications.Contains(rank, StringComparer.Ordinal) ? "classification"
        : facts.Annotations.All(word =>
            ReportAnnotations.Contains(word, StringComparer.Ordinal) || FileAnnotations.Contains(word, StringComparer.Ordinal)) ? null
        : "annotations";
}
