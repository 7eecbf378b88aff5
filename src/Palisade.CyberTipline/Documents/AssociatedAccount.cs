namespace Palisade.CyberTipline;

/// <summary>Another account that belongs to a person. Its elements have an order and limits of their own.</summary>
public sealed record AssociatedAccount
{
    public required AccountKind Type { get; init; }

    public AccountPlatform? Platform { get; init; }

    /// <summary>256 characters.</summary>
    public string? FirstName { get; init; }

    /// <summary>256 characters.</summary>
    public string? MiddleName { get; init; }

    /// <summary>256 characters.</summary>
    public string? LastName { get; init; }

    /// <summary>Years, 0 to 150; never together with <see cref="DateOfBirth"/> (R-12).</summary>
    public int? ApproximateAge { get; init; }

    /// <summary>2026 addition: written only when the authority's own schema has it.</summary>
    public bool? AgeAssertionDiscrepancy { get; init; }

    public DateOnly? DateOfBirth { get; init; }

    public IReadOnlyList<Phone> Phones { get; init; } = [];

    public IReadOnlyList<Email> Emails { get; init; } = [];

    public bool? AllEmailsReported { get; init; }

    public IReadOnlyList<PostalAddress> Addresses { get; init; } = [];

    /// <summary>256 characters.</summary>
    public string? EspService { get; init; }

    /// <summary>256 characters.</summary>
    public string? EspIdentifier { get; init; }

    /// <summary>Absolute, at most 2,083 characters each .</summary>
    public IReadOnlyList<string> ProfileUrls { get; init; } = [];

    /// <summary>256 characters.</summary>
    public string? ScreenName { get; init; }

    /// <summary>255 characters each.</summary>
    public IReadOnlyList<string> DisplayNames { get; init; } = [];

    public string? ProfileBio { get; init; }

    /// <summary>256 characters.</summary>
    public string? GroupIdentifier { get; init; }

    public bool? CompromisedAccount { get; init; }

    public TemporaryDisabling? TemporarilyDisabled { get; init; }

    public PermanentDisabling? PermanentlyDisabled { get; init; }

    public IReadOnlyList<IpCaptureEvent> IpCaptureEvents { get; init; } = [];

    public IReadOnlyList<DeviceId> DeviceIds { get; init; } = [];

    /// <summary>Earlier reports on this account, of the same environment .</summary>
    public IReadOnlyList<long> PriorReports { get; init; } = [];

    public string? AdditionalInfo { get; init; }
}

/// <param name="Name">256 characters.</param>
/// <param name="ThirdPartyUser">The account is on another company's service.</param>
public sealed record AccountPlatform(string Name, bool? ThirdPartyUser = null);

public enum AccountKind
{
    Billing,
    Linked,
    Business,
    Creator,
    ParentOrGuardian,
    Other,
}
