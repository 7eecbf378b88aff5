namespace Palisade.CyberTipline;

/// <summary>The suspect. In a batched report only <see cref="UserAccount.EspIdentifier"/> may be set.</summary>
public sealed record PersonOrUserReported
{
    public Person? Person { get; init; }

    /// <summary>300 characters.</summary>
    public string? VehicleDescription { get; init; }

    public UserAccount Account { get; init; } = new();

    /// <summary>A user of another company's service, of whom nothing more is known.</summary>
    public bool? ThirdPartyUserReported { get; init; }

    /// <summary>255 characters.</summary>
    public string? GroupIdentifier { get; init; }

    public IReadOnlyList<AssociatedAccount> AssociatedAccounts { get; init; } = [];

    public string? AdditionalInfo { get; init; }
}

/// <summary>A person to whom the material was sent.</summary>
public sealed record IntendedRecipient
{
    public Person? Person { get; init; }

    public UserAccount Account { get; init; } = new();

    /// <summary>255 characters.</summary>
    public string? GroupIdentifier { get; init; }

    public string? AdditionalInfo { get; init; }
}

/// <summary>A child harmed, with what the platform holds and no more.</summary>
public sealed record Victim
{
    public required Person Person { get; init; }

    public UserAccount Account { get; init; } = new();

    /// <summary>255 characters.</summary>
    public string? SchoolName { get; init; }

    public IReadOnlyList<AssociatedAccount> AssociatedAccounts { get; init; } = [];

    public string? AdditionalInfo { get; init; }
}
