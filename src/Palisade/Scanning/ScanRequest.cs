using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Signals.Digests;

namespace Palisade.Scanning;

/// <summary>One upload to be scanned.</summary>
public sealed record ScanRequest
{
    /// <summary>A service of the policy.</summary>
    public required string Service { get; init; }

    /// <summary>Must stay as they are until the scan has ended.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Digests of the whole file, where <see cref="Bytes"/> is only its start because it is too large to be read.</summary>
    public FileDigests? Digests { get; init; }

    /// <summary>Gives the whole file from its first byte, where <see cref="Bytes"/> is only its start; null where nobody can.</summary>
    public Func<Stream>? OpenWhole { get; init; }

    /// <summary>The platform's own name for the upload.</summary>
    public string? ContentId { get; init; }

    /// <summary>Stands for the uploader without naming anybody.</summary>
    public string? UploaderToken { get; init; }

    /// <summary>When the platform received it.</summary>
    public DateTimeOffset? UploadedAt { get; init; }

    /// <summary>Makes a repeated request one scan; null when the caller sent none.</summary>
    public IdempotencyKey? IdempotencyKey { get; init; }

    /// <summary>The file's name as the uploader gave it; kept only of an upload that gets a case, and only sealed.</summary>
    public string? FileName { get; init; }

    /// <summary>Addresses, ports and times that the platform knows; kept as the file name is.</summary>
    public IReadOnlyList<NetworkFact> Network { get; init; } = [];

    /// <summary>Messages, prompts and the like that the platform attached; kept as the file name is.</summary>
    public IReadOnlyList<ContextItem> Context { get; init; } = [];

    /// <summary>Regions are compared before the answer also where the service says later: the caller does not follow the feed.</summary>
    public bool WaitsForRegions { get; init; }

    /// <summary>Whose call it is, for the audit log.</summary>
    public Actor By { get; init; } = Actor.Palisade;
}

/// <summary>A caller's name for one request; two callers may use the same text for different ones.</summary>
public readonly record struct IdempotencyKey(long Caller, string Text);

/// <summary>One piece of content to be looked up by fingerprints that the platform computed.</summary>
public sealed record LookupItem
{
    public required Fingerprints Fingerprints { get; init; }

    public string? ContentId { get; init; }

    public string? UploaderToken { get; init; }

    /// <summary>Whose call it is, for the audit log.</summary>
    public Actor By { get; init; } = Actor.Palisade;
}
