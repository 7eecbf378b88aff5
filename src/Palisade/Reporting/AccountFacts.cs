namespace Palisade.Reporting;

/// <summary>What a platform says of the account behind a case. Everything is voluntary; what is not known is left out.</summary>
public sealed record AccountFacts
{
    /// <summary>The platform's own id of the user; 255 characters.</summary>
    public string? UserId { get; init; }

    public string? ScreenName { get; init; }

    public IReadOnlyList<string> DisplayNames { get; init; } = [];

    public IReadOnlyList<string> ProfileUrls { get; init; } = [];

    public string? ProfileBio { get; init; }

    public IReadOnlyList<string> Emails { get; init; } = [];

    public IReadOnlyList<string> Phones { get; init; } = [];

    public IReadOnlyList<AccountAddress> Addresses { get; init; } = [];

    public IReadOnlyList<AccountDevice> Devices { get; init; } = [];

    /// <summary>When the account was closed for good; null when it was not.</summary>
    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>Where the content was, as an absolute URL.</summary>
    public IReadOnlyList<string> ContentUrls { get; init; } = [];

    public string? AdditionalInfo { get; init; }

    /// <summary>The earlier facts, completed by later ones: single values are replaced, lists grow.</summary>
    public static AccountFacts Merge(IEnumerable<AccountFacts> facts) => facts.Aggregate(new AccountFacts(), (earlier, later) => new AccountFacts
    {
        UserId = later.UserId ?? earlier.UserId,
        ScreenName = later.ScreenName ?? earlier.ScreenName,
        DisplayNames = [.. earlier.DisplayNames.Union(later.DisplayNames, StringComparer.Ordinal)],
        ProfileUrls = [.. earlier.ProfileUrls.Union(later.ProfileUrls, StringComparer.Ordinal)],
        ProfileBio = later.ProfileBio ?? earlier.ProfileBio,
        Emails = [.. earlier.Emails.Union(later.Emails, StringComparer.OrdinalIgnoreCase)],
        Phones = [.. earlier.Phones.Union(later.Phones, StringComparer.Ordinal)],
        Addresses = [.. earlier.Addresses.Union(later.Addresses)],
        Devices = [.. earlier.Devices.Union(later.Devices)],
        DisabledAt = later.DisabledAt ?? earlier.DisabledAt,
        ContentUrls = [.. earlier.ContentUrls.Union(later.ContentUrls, StringComparer.Ordinal)],
        AdditionalInfo = later.AdditionalInfo ?? earlier.AdditionalInfo,
    });
}

/// <param name="Event">upload, login, registration, purchase or other.</param>
public sealed record AccountAddress(string Event, string Address, int? Port, DateTimeOffset? At);

public sealed record AccountDevice(string Kind, string Value, DateTimeOffset? At);
