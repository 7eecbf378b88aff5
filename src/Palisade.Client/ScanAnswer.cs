using System.Text.Json.Serialization;

namespace Palisade.Client;

/// <summary>The service's answer to one upload, or to one looked-up item.</summary>
public sealed record ScanAnswer
{
    /// <summary>The scan's id, for <see cref="PalisadeClient.GetScanAsync"/>.</summary>
    public string? Id { get; init; }

    [JsonRequired]
    public Verdict Verdict { get; init; }

    /// <summary>Why, in the service's words; empty without the scope <c>match.detail</c>.</summary>
    public IReadOnlyList<string> Reasons { get => field ?? []; init; }

    /// <summary>What it met; empty without the scope <c>match.detail</c>.</summary>
    public IReadOnlyList<MatchDetail> Matches { get => field ?? []; init; }

    /// <summary>Which state of the banks it was matched against; absent without the scope <c>match.detail</c>.</summary>
    public long? IndexGeneration { get; init; }

    /// <summary>
    /// The picture was so large that it was hashed at a smaller size, so a distance may be off by about 10 bits. False
    /// also without the scope <c>match.detail</c>.
    /// </summary>
    public bool Approximate { get; init; }
}

/// <summary>One signal that an upload met. Told to keys with the scope <c>match.detail</c> only.</summary>
public sealed record MatchDetail
{
    /// <summary>The bank's name.</summary>
    [JsonRequired]
    public string Bank { get; init; } = "";

    /// <summary>The signal's id.</summary>
    [JsonRequired]
    public string Signal { get; init; } = "";

    /// <summary>Differing bits of a PDQ match, 0 for a digest.</summary>
    public int Distance { get; init; }

    /// <summary>How the upload had to be turned: <c>original</c>, <c>rotate90</c>, <c>flip-x</c> and so on.</summary>
    public string? Orientation { get; init; }
}
