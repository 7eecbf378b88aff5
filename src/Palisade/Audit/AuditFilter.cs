namespace Palisade.Audit;

/// <summary>Which entries are asked for; what is null does not matter.</summary>
public sealed record AuditFilter
{
    /// <summary>A whole action, or the beginning of some up to a dot: <c>bank.</c></summary>
    public string? Action { get; init; }

    /// <summary>A pseudonym.</summary>
    public string? Actor { get; init; }

    /// <summary>Kind and id, whole.</summary>
    public string? Subject { get; init; }

    public DateTimeOffset? From { get; init; }

    /// <summary>The first moment that is too late.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only entries with a smaller number; for paging back.</summary>
    public long? Before { get; init; }
}
