namespace Palisade.CyberTipline;

public sealed record Person
{
    /// <summary>100 characters.</summary>
    public string? FirstName { get; init; }

    /// <summary>100 characters.</summary>
    public string? LastName { get; init; }

    public IReadOnlyList<Phone> Phones { get; init; } = [];

    public IReadOnlyList<Email> Emails { get; init; } = [];

    public IReadOnlyList<PostalAddress> Addresses { get; init; } = [];

    /// <summary>Years, 0 to 150.</summary>
    public int? Age { get; init; }

    /// <summary>2026 addition: written only when the authority's own schema has it.</summary>
    public bool? AgeAssertionDiscrepancy { get; init; }

    /// <summary>In the past .</summary>
    public DateOnly? DateOfBirth { get; init; }
}

/// <summary>A person to be contacted, who has no age.</summary>
public sealed record ContactPerson
{
    /// <summary>100 characters.</summary>
    public string? FirstName { get; init; }

    /// <summary>100 characters.</summary>
    public string? LastName { get; init; }

    public IReadOnlyList<Phone> Phones { get; init; } = [];

    public IReadOnlyList<Email> Emails { get; init; } = [];

    public IReadOnlyList<PostalAddress> Addresses { get; init; } = [];
}
