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

    /// <summary>The platform's own name for the upload.</summary>
    public string? ContentId { get; init; }

    /// <summary>Stands for the uploader without naming anybody.</summary>
    public string? UploaderToken { get; init; }

    /// <summary>When the platform received it.</summary>
    public DateTimeOffset? UploadedAt { get; init; }

    /// <summary>Makes a repeated request one scan; null when the caller sent none.</summary>
    public IdempotencyKey? IdempotencyKey { get; init; }
}

/// <summary>A caller's name for one request; two callers may use the same text for different ones.</summary>
public readonly record struct IdempotencyKey(long Caller, string Text);

/// <summary>One piece of content to be looked up by fingerprints that the platform computed.</summary>
public sealed record LookupItem
{
    public required Fingerprints Fingerprints { get; init; }

    public string? ContentId { get; init; }

    public string? UploaderToken { get; init; }
}
