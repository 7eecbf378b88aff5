namespace Palisade.CyberTipline;

/// <summary>The company that reports.</summary>
public sealed record Reporter
{
    /// <summary>Has at least one e-mail address.</summary>
    public required Person ReportingPerson { get; init; }

    /// <summary>Whom police should contact, if not the reporting person.</summary>
    public ContactPerson? ContactPerson { get; init; }

    /// <summary>Sent with every report: facts on the company, how to serve process, how long content is kept, 24-hour telephone.</summary>
    public string? CompanyTemplate { get; init; }

    /// <summary>The part of the terms that the incident touches.</summary>
    public string? TermsOfService { get; init; }

    /// <summary>Absolute, at most 2,083 characters .</summary>
    public string? LegalUrl { get; init; }
}
