using System.Text.Json.Serialization;

namespace Palisade.Client;

/// <summary>What the service keeps of a scan that was not clean, with the verdict that is in force now.</summary>
public sealed record ScanRecord
{
    [JsonRequired]
    public string Id { get; init; } = "";

    public string? Service { get; init; }

    public string? ContentId { get; init; }

    /// <summary>The current verdict, which a person may have changed since the answer.</summary>
    [JsonRequired]
    public Verdict Verdict { get; init; }
}
