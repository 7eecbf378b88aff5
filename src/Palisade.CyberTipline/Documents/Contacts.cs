namespace Palisade.CyberTipline;

/// <param name="Number">50 characters; without the country's calling code when that is given apart .</param>
public sealed record Phone(string Number)
{
    public PhoneKind? Type { get; init; }

    public bool? Verified { get; init; }

    /// <summary>Only with <see cref="Verified"/> true .</summary>
    public DateTimeOffset? VerificationDate { get; init; }

    /// <summary>A plus sign and one to three digits.</summary>
    public string? CountryCallingCode { get; init; }

    /// <summary>One to ten digits.</summary>
    public string? Extension { get; init; }
}

public enum PhoneKind
{
    Mobile,
    Home,
    Business,
    Work,
    Fax,
    Internet,
    Recovery,
}

/// <param name="Address">255 characters, 64 of them before the at sign .</param>
public sealed record Email(string Address)
{
    public EmailKind? Type { get; init; }

    public bool? Verified { get; init; }

    /// <summary>Only with <see cref="Verified"/> true .</summary>
    public DateTimeOffset? VerificationDate { get; init; }
}

public enum EmailKind
{
    Home,
    Work,
    Business,
    Recovery,
}

public sealed record PostalAddress
{
    public AddressKind? Type { get; init; }

    /// <summary>Street and number; 255 characters.</summary>
    public string? Address { get; init; }

    /// <summary>100 characters.</summary>
    public string? City { get; init; }

    /// <summary>20 characters.</summary>
    public string? ZipCode { get; init; }

    /// <summary>Two letters of a US state or territory, with US addresses only .</summary>
    public string? State { get; init; }

    /// <summary>State or province elsewhere; 100 characters.</summary>
    public string? NonUsaState { get; init; }

    /// <summary>Two letters (<see cref="CountryCodes"/>).</summary>
    public string? Country { get; init; }
}

public enum AddressKind
{
    Home,
    Business,
    Billing,
    Shipping,
    Technical,
}

public sealed record EstimatedLocation
{
    public bool? Verified { get; init; }

    /// <summary>When the estimate held.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>255 characters.</summary>
    public string? City { get; init; }

    /// <summary>255 characters; with US two letters of a state, needed when the city is given .</summary>
    public string? Region { get; init; }

    /// <summary>Two letters (<see cref="CountryCodes"/>); needed .</summary>
    public required string CountryCode { get; init; }
}
