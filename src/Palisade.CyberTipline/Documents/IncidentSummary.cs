namespace Palisade.CyberTipline;

public sealed record IncidentSummary
{
    public required IncidentType IncidentType { get; init; }

    /// <summary>Full name of the application where it happened; 256 characters.</summary>
    public string? Platform { get; init; }

    /// <summary>
    /// Why a child is at immediate risk; 3,000 characters. Its presence alone escalates the report, so it is absent
    /// otherwise and never blank.
    /// </summary>
    public string? EscalateToHighPriority { get; init; }

    public ReportAnnotations ReportAnnotations { get; init; }

    /// <summary>A past moment; the offset given is the offset sent.</summary>
    public required DateTimeOffset IncidentDateTime { get; init; }

    /// <summary>What that time is, such as "end of the upload request"; 3,000 characters.</summary>
    public string? IncidentDateTimeDescription { get; init; }
}

/// <summary>The eight kinds of incident that the CyberTipline knows.</summary>
public enum IncidentType
{
    /// <summary>"Child Pornography (possession, manufacture, and distribution)", the statute's word for abuse material.</summary>
    ChildPornography,
    ChildSexTrafficking,
    ChildSexTourism,
    ChildSexualMolestation,
    MisleadingDomainName,
    MisleadingWordsOrDigitalImages,
    OnlineEnticement,
    UnsolicitedObsceneMaterial,
}

/// <summary>Flags of a whole report. What is not set is left out: the schema knows no false.</summary>
[Flags]
public enum ReportAnnotations
{
    None = 0,
    Sextortion = 1 << 0,
    CsamSolicitation = 1 << 1,
    MinorToMinorInteraction = 1 << 2,
    Spam = 1 << 3,
    SadisticOnlineExploitation = 1 << 4,

    /// <summary>2026 addition: written only when the authority's own schema has it.</summary>
    Informational = 1 << 5,

    /// <summary>2026 addition: written only when the authority's own schema has it.</summary>
    PotentialAggravatingFactors = 1 << 6,

    /// <summary>2026 addition: written only when the authority's own schema has it.</summary>
    InstrumentalUse = 1 << 7,
}
