namespace Palisade.CyberTipline;

/// <summary>The <c>report</c> document: what is said about an incident, before any file is sent.</summary>
public sealed record CyberTip
{
    /// <summary>Present when one viral or meme file is reported for many users; such reports have rules of their own .</summary>
    public BatchReason? BatchedReport { get; init; }

    public required IncidentSummary IncidentSummary { get; init; }

    public IReadOnlyList<InternetDetails> InternetDetails { get; init; } = [];

    public LawEnforcement? LawEnforcement { get; init; }

    public required Reporter Reporter { get; init; }

    /// <summary>Shown to the authority as suspects. More than one only in a batched report .</summary>
    public IReadOnlyList<PersonOrUserReported> PersonsOrUsersReported { get; init; } = [];

    /// <summary>To whom the material was sent.</summary>
    public IReadOnlyList<IntendedRecipient> IntendedRecipients { get; init; } = [];

    /// <summary>The children harmed.</summary>
    public IReadOnlyList<Victim> Victims { get; init; } = [];

    public string? AdditionalInfo { get; init; }
}

public enum BatchReason
{
    ViralPotentialMeme,
}
