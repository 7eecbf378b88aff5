namespace Palisade.CyberTipline;

/// <summary>Police who already deal with the matter.</summary>
public sealed record LawEnforcement
{
    /// <summary>255 characters, not blank.</summary>
    public required string AgencyName { get; init; }

    /// <summary>100 characters.</summary>
    public string? CaseNumber { get; init; }

    public ContactPerson? OfficerContact { get; init; }

    public bool? ReportedToLe { get; init; }

    public bool? ServedLegalProcessDomestic { get; init; }

    public InternationalProcess? ServedLegalProcessInternational { get; init; }
}

/// <param name="FleaCountry">Country of the foreign agency: two letters (<see cref="CountryCodes"/>).</param>
public sealed record InternationalProcess(bool Served, string? FleaCountry = null);
