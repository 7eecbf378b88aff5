using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Palisade.Client;

/// <summary>
/// Something that a user reported or a moderator saw: a file, a text, a reference, or several of them. No match is needed
/// for it to become a case.
/// </summary>
public sealed record ContentFlag
{
    /// <summary>The named surface where it was seen.</summary>
    public required string Service { get; init; }

    /// <summary>The platform's own name for the content; the verdict feed says it again.</summary>
    public string? ContentId { get; init; }

    /// <summary>The bytes that are complained about; empty where there are none.</summary>
    public ReadOnlyMemory<byte> File { get; init; }

    /// <summary>What the person said.</summary>
    public string? Text { get; init; }

    /// <summary>Where the content is on the platform.</summary>
    public string? Reference { get; init; }

    /// <summary>The platform's word for the kind of complaint.</summary>
    public string? Category { get; init; }

    /// <summary>Stands for whoever complained, without naming anybody.</summary>
    public string? ReporterToken { get; init; }

    /// <summary>Stands for the uploader without naming anybody.</summary>
    public string? UploaderToken { get; init; }

    public string? FileName { get; init; }

    /// <summary>Addresses that took part.</summary>
    public IReadOnlyList<NetworkFact> Network { get; init; } = [];

    /// <summary>Messages, prompts and the like.</summary>
    public IReadOnlyList<ContextItem> Context { get; init; } = [];

    /// <summary>Makes repeated calls one flag. Random unless set.</summary>
    public string IdempotencyKey { get; init; } = RandomNumberGenerator.GetHexString(32, lowercase: true);
}

/// <summary>The case that a flag opened or joined.</summary>
public sealed record FlagAnswer
{
    [JsonRequired]
    public string Case { get; init; } = "";

    /// <summary>The case's short name for people.</summary>
    public long Number { get; init; }

    /// <summary>The flag's id; the verdict feed says it again.</summary>
    [JsonRequired]
    public string Flag { get; init; } = "";

    /// <summary>What the banks say of the file; null when there was none.</summary>
    public Verdict? Verdict { get; init; }
}
