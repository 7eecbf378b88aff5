using System.Text.Json.Serialization;

namespace Palisade.Client;

/// <summary>One line of the verdict feed: what is now the verdict of one scan or flag, and what a person decided.</summary>
public sealed record VerdictChange
{
    /// <summary>The position in the feed. Store it once the change has been acted upon, and go on after it.</summary>
    [JsonRequired]
    public long Sequence { get; init; }

    /// <summary>The scan's id; null when the line speaks of a flag.</summary>
    public string? Scan { get; init; }

    /// <summary>The flag's id; null when the line speaks of a scan.</summary>
    public string? Flag { get; init; }

    /// <summary>The case that it belongs to.</summary>
    public string? Case { get; init; }

    public string? Service { get; init; }

    /// <summary>What the platform called the upload.</summary>
    public string? ContentId { get; init; }

    [JsonRequired]
    public Verdict Verdict { get; init; }

    /// <summary>
    /// What to do by a person's decision; null where nobody has decided yet. With <see cref="PlatformAction.Silent"/>
    /// change nothing that the uploader could notice, whatever <see cref="Verdict"/> says.
    /// </summary>
    public PlatformAction? Action { get; init; }

    /// <summary>When it changed.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>A page of the feed.</summary>
internal sealed record VerdictPage
{
    [JsonRequired]
    public IReadOnlyList<VerdictChange> Changes { get; init; } = [];
}
