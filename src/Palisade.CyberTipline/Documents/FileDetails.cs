namespace Palisade.CyberTipline;

/// <summary>The <c>fileDetails</c> document: what is said about one uploaded file, once, before the report is finished.</summary>
public sealed record FileDetails
{
    /// <summary>The open report's id, as the authority gave it.</summary>
    public required long ReportId { get; init; }

    /// <summary>Opaque text that the authority gave for the upload.</summary>
    public required string FileId { get; init; }

    /// <summary>In the authority's schema and not in its documentation: kept when read, written only on request.</summary>
    public string? LegacyFileName { get; init; }

    /// <summary>Its name when the user uploaded it; 2,056 characters.</summary>
    public string? OriginalFileName { get; init; }

    public DateTimeOffset? UploadedToEspTimestamp { get; init; }

    /// <summary>Absolute URL, at most 2,083 characters .</summary>
    public string? LocationOfFile { get; init; }

    /// <summary>
    /// A person at the company viewed the entire contents of this file. A legal fact on which a warrant may hang (US v.
    /// Wilson, 9th Cir. 2021): computed from a record of views, and false where there is no proof.
    /// </summary>
    public bool? FileViewedByEsp { get; init; }

    /// <summary>A person viewed its metadata; only with <see cref="FileViewedByEsp"/> true .</summary>
    public bool? ExifViewedByEsp { get; init; }

    /// <summary>The entire contents were public.</summary>
    public bool? PubliclyAvailable { get; init; }

    public FileRelevance? FileRelevance { get; init; }

    public FileAnnotations FileAnnotations { get; init; }

    /// <summary>Older way to say <see cref="FileAnnotations.PotentialMeme"/>: kept when read, written only on request.</summary>
    public bool? LegacyPotentialMeme { get; init; }

    /// <summary>For companies in the industry's hash-sharing agreement only.</summary>
    public IndustryClassification? IndustryClassification { get; init; }

    /// <summary>Hashes of the bytes as uploaded.</summary>
    public IReadOnlyList<OriginalFileHash> OriginalFileHashes { get; init; } = [];

    public IpCaptureEvent? IpCaptureEvent { get; init; }

    public IReadOnlyList<DeviceId> DeviceIds { get; init; } = [];

    public IReadOnlyList<MetadataDetails> Details { get; init; } = [];

    public IReadOnlyList<string> AdditionalInfo { get; init; } = [];
}

public enum FileRelevance
{
    /// <summary>The file is what is reported.</summary>
    Reported,

    /// <summary>The file is context.</summary>
    SupplementalReported,
}

/// <summary>Flags of one file. What is not set is left out: the schema knows no false.</summary>
[Flags]
public enum FileAnnotations
{
    None = 0,
    AnimeDrawingVirtualHentai = 1 << 0,
    PotentialMeme = 1 << 1,
    Viral = 1 << 2,
    PossibleSelfProduction = 1 << 3,
    PhysicalHarm = 1 << 4,
    ViolenceGore = 1 << 5,
    Bestiality = 1 << 6,
    LiveStreaming = 1 << 7,
    Infant = 1 << 8,

    /// <summary>Believed to be made or altered by generative AI; the one flag for generated, inpainted and face-swapped files.</summary>
    GenerativeAi = 1 << 9,
}

/// <summary>Letter: apparent age (A before, B in puberty). Digit: rank (1 sex act, 2 lascivious exhibition).</summary>
public enum IndustryClassification
{
    A1,
    A2,
    B1,
    B2,
}

/// <param name="HashType">Free text of at most 64 characters; the documentation's examples are MD5 and SHA1.</param>
public sealed record OriginalFileHash(string HashType, string Value);

/// <summary>At least one pair of name and value.</summary>
public sealed record MetadataDetails(MetadataKind? Type, IReadOnlyList<NameValuePair> Pairs);

public enum MetadataKind
{
    Exif,
    Hash,
}

/// <param name="Name">64 characters.</param>
public sealed record NameValuePair(string Name, string Value);
