using Palisade.Banks;
using Palisade.Scanning;

namespace Palisade.Protection;

/// <summary>
/// Ordinary photos that a person, a school or a parent wants watched: enrolled on somebody's word, for a time, and taken
/// out again in one step.
/// </summary>
public sealed record PhotoProtection
{
    /// <summary>From 1, in the order of enrolment.</summary>
    public required long Number { get; init; }

    public required BankId Bank { get; init; }

    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>The first moment at which the photos are watched no more.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public ProtectionEnd? EndedWhy { get; init; }

    /// <summary>Null once it has ended: who it was is erased then.</summary>
    public ProtectionConsent? Consent { get; init; }

    /// <summary>The signals of its photos.</summary>
    public IReadOnlyList<SignalId> Signals { get; init; } = [];
}

/// <summary>On whose word photos are watched. Sealed in the store, never in a log.</summary>
/// <param name="Contact">How the owner is reached when something is found.</param>
/// <param name="Text">What was agreed to, by whom and when, in words; or a reference to the signed paper.</param>
/// <param name="Photos">How many photos it covers.</param>
public sealed record ProtectionConsent(string Contact, string Text, int Photos)
{
    private const int LongestContact = 300;
    private const int LongestText = 4000;

    /// <summary>What is missing, or null.</summary>
    public BankRefused? Refuse() =>
        string.IsNullOrWhiteSpace(Contact) || Contact.Length > LongestContact
            ? new BankRefused.BadSetting("contact", $"say how the owner is reached, in 1 to {LongestContact} characters.")
        : string.IsNullOrWhiteSpace(Text) || Text.Length > LongestText
            ? new BankRefused.BadSetting("consent", $"say who agreed to what and when, in 1 to {LongestText} characters.")
        : null;
}

public enum ProtectionEnd
{
    /// <summary>The owner took it back.</summary>
    Withdrawn,
    Expired,
}

/// <summary>One photo on its way into protection.</summary>
/// <param name="Signals">Its fingerprints.</param>
public sealed record ProtectedPhoto(IReadOnlyList<NewSignal> Signals, PictureRegions Regions);
