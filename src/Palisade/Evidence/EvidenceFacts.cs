namespace Palisade.Evidence;

/// <summary>What was known at the moment of detection, sealed with the bytes.</summary>
public sealed record EvidenceFacts
{
    /// <summary>The scan or the flag that the evidence comes from.</summary>
    public required string Source { get; init; }

    public required string Service { get; init; }

    public required DateTimeOffset CapturedAt { get; init; }

    /// <summary>Lower-case hexadecimal, by name (md5, sha1, sha256).</summary>
    public required IReadOnlyDictionary<string, string> Digests { get; init; }

    /// <summary>The verdict with its explanation, as JSON; null for a person's flag.</summary>
    public string? Verdict { get; init; }

    /// <summary>Form, sides and what else the header declares, by name.</summary>
    public IReadOnlyDictionary<string, string> Declared { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What the file says of how it was made, as JSON. Null means not evaluated.</summary>
    public string? Provenance { get; init; }

    public string? ContentId { get; init; }

    public string? UploaderToken { get; init; }

    public DateTimeOffset? UploadedAt { get; init; }

    /// <summary>File name as the platform gave it.</summary>
    public string? FileName { get; init; }

    /// <summary>Addresses, ports and times that the platform gave, by name.</summary>
    public IReadOnlyList<NetworkFact> Network { get; init; } = [];

    /// <summary>Messages, prompts and the like that the platform attached.</summary>
    public IReadOnlyList<ContextItem> Context { get; init; } = [];
}

/// <summary>One address that took part, and when: <c>upload</c>, <c>login</c>, <c>registration</c>.</summary>
public sealed record NetworkFact(string Event, string Address, int? Port, DateTimeOffset? At);

/// <summary>A piece of context: <c>message</c>, <c>prompt</c>, <c>profile</c>, <c>url</c>; text as it was.</summary>
public sealed record ContextItem(string Kind, string Text, DateTimeOffset? At);
