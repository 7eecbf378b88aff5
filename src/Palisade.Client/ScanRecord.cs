using System.Text.Json.Serialization;

namespace Palisade.Client;

/// <summary>What the service keeps of a scan that was not clean, with the verdict that is in force now.</summary>
public sealed record ScanRecord
{
    [JsonRequired]
    public string Id { get; init; } = "";

    public string? Service { get; init; }

    public string? ContentId { get; init; }

    public string? UploaderToken { get; init; }

    /// <summary>The verdict in force, which a person may have changed since the answer.</summary>
    [JsonRequired]
    public Verdict Verdict { get; init; }

    public DateTimeOffset? ScannedAt { get; init; }

    /// <summary>Why it was not clean at the time; empty without the scope <c>match.detail</c>.</summary>
    public IReadOnlyList<string> Reasons { get => field ?? []; init; }

    /// <summary>What it met at the time; empty without the scope <c>match.detail</c>.</summary>
    public IReadOnlyList<MatchDetail> Matches { get => field ?? []; init; }
}
