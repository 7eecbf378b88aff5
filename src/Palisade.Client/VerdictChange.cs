using System.Text.Json.Serialization;

namespace Palisade.Client;

/// <summary>One line of the verdict feed: what is now the verdict of one scan.</summary>
public sealed record VerdictChange
{
    /// <summary>The position in the feed. Store it once the change has been acted upon, and go on after it.</summary>
    [JsonRequired]
    public long Sequence { get; init; }

    /// <summary>The scan's id.</summary>
    [JsonRequired]
    public string Scan { get; init; } = "";

    public string? Service { get; init; }

    /// <summary>What the platform called the upload.</summary>
    public string? ContentId { get; init; }

    [JsonRequired]
    public Verdict Verdict { get; init; }

    /// <summary>When it changed.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>A page of the feed.</summary>
internal sealed record VerdictPage
{
    [JsonRequired]
    public IReadOnlyList<VerdictChange> Changes { get; init; } = [];
}
