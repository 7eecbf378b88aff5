using System.Text.Json.Serialization;

namespace Palisade.Client;

/// <summary>The fingerprints of one piece of content, looked up in place of its bytes; at least one of the four.</summary>
public sealed record LookupItem
{
    /// <summary>PDQ hash, 64 hexadecimal digits.</summary>
    public string? Pdq { get; init; }

    /// <summary>PDQ quality, 0 to 100, where it is known.</summary>
    public int? Quality { get; init; }

    /// <summary>32 hexadecimal digits.</summary>
    public string? Md5 { get; init; }

    /// <summary>40 hexadecimal digits.</summary>
    public string? Sha1 { get; init; }

    /// <summary>64 hexadecimal digits.</summary>
    public string? Sha256 { get; init; }

    /// <summary>As <see cref="Upload.ContentId"/>.</summary>
    public string? ContentId { get; init; }

    /// <summary>As <see cref="Upload.UploaderToken"/>.</summary>
    public string? UploaderToken { get; init; }
}

internal sealed record LookupBatch(string Service, IReadOnlyList<LookupItem> Items);

internal sealed record LookupBatchAnswer
{
    [JsonRequired]
    public IReadOnlyList<ScanAnswer> Answers { get; init; } = [];
}
