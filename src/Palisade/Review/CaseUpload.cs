using Palisade.Evidence;
using Palisade.Policy;
using Palisade.Scanning;

namespace Palisade.Review;

/// <summary>A scan or a flag as part of its case.</summary>
public sealed record CaseUpload
{
    /// <summary>The scan's or the flag's id.</summary>
    public required string Source { get; init; }

    /// <summary>From 1, in the order in which they came.</summary>
    public required long Position { get; init; }

    public required string Service { get; init; }

    /// <summary>What was answered; null for a flag without a file.</summary>
    public required VerdictAction? Verdict { get; init; }

    /// <summary>Its sealed bytes; null when there are none, and <see cref="Gap"/> then says why.</summary>
    public required EvidenceId? Evidence { get; init; }

    public required EvidenceGap? Gap { get; init; }

    public required DateTimeOffset CameAt { get; init; }

    public required CaseUploadFacts Facts { get; init; }
}

/// <summary>Why an upload of a case has no sealed bytes.</summary>
public enum EvidenceGap
{
    /// <summary>Only hashes were looked up, or a flag came without a file.</summary>
    NoBytes,

    /// <summary>The file is larger than is read into memory, and could not be streamed.</summary>
    TooLarge,

    /// <summary>Sealing failed: a full disk, a missing sealing key. An alarm was raised.</summary>
    NotSealed,
}

/// <summary>The part of an upload that lies sealed beside the case, so that lists work while the service is sealed.</summary>
public sealed record CaseUploadFacts
{
    public string? ContentId { get; init; }

    public string? UploaderToken { get; init; }

    public DateTimeOffset? UploadedAt { get; init; }

    public string? FileName { get; init; }

    public IReadOnlyList<string> Reasons { get; init; } = [];

    public IReadOnlyList<KeptMatch> Matches { get; init; } = [];

    /// <summary>Lower-case hexadecimal, by name (md5, sha1, sha256).</summary>
    public IReadOnlyDictionary<string, string> Digests { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What a person said; null for a scan.</summary>
    public FlagFacts? Flag { get; init; }
}

/// <summary>A person's flag: who saw what, in that person's words.</summary>
public sealed record FlagFacts
{
    /// <summary>The platform's word for the kind of complaint.</summary>
    public string? Category { get; init; }

    public string? Text { get; init; }

    /// <summary>Where the content is on the platform.</summary>
    public string? Reference { get; init; }

    /// <summary>Stands for whoever complained, without naming anybody.</summary>
    public string? ReporterToken { get; init; }
}

/// <summary>A note that a person wrote on a case.</summary>
public sealed record CaseNote(long Position, string By, DateTimeOffset WrittenAt, string Text);

/// <summary>A case with all that belongs to it.</summary>
/// <param name="Uploads">The newest 200, oldest first; <see cref="Case.Uploads"/> counts all.</param>
public sealed record CaseDetail(
    Case Case, IReadOnlyList<CaseUpload> Uploads, IReadOnlyList<CaseNote> Notes, IReadOnlyList<CaseDecision> Decisions);
