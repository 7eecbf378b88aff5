using Palisade.CyberTipline;
using Palisade.Evidence;
using Palisade.Review;

namespace Palisade.Reporting;

/// <summary>One report with what was acknowledged so far.</summary>
public sealed record Report
{
    public required ReportId Id { get; init; }

    /// <summary>Short name for people, from 1.</summary>
    public required long Number { get; init; }

    public required CaseId Case { get; init; }

    /// <summary>Where it goes, fixed when it was drafted: no other environment's client takes it.</summary>
    public required TipEnvironment Environment { get; init; }

    public required ReportState State { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>By when it should have been filed.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Before this nothing is tried.</summary>
    public required DateTimeOffset NextAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Stands for the reported account, so that a repeat offender's reports find each other.</summary>
    public byte[]? AccountMac { get; init; }

    public ReportProgress Progress { get; init; } = new();

    public bool IsLateAt(DateTimeOffset moment) => !State.IsEnded() && moment > DueAt;
}

/// <summary>What lies sealed in a report's row: the documents and every acknowledged step.</summary>
public sealed record ReportProgress
{
    /// <summary>From 1; a retracted or expired report begins again.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Of the present step, since it last went well.</summary>
    public int Failures { get; init; }

    /// <summary>The position of the decision in its case; null when a person drafted it without one.</summary>
    public long? Decision { get; init; }

    /// <summary>The report document as it was sent.</summary>
    public byte[]? Xml { get; init; }

    public IReadOnlyList<ReportFile> Files { get; init; } = [];

    /// <summary>The authority's number.</summary>
    public long? RemoteId { get; init; }

    public DateTimeOffset? OpenedAt { get; init; }

    public DateTimeOffset? LastFileAt { get; init; }

    /// <summary>
    /// A call that was begun and whose answer is not stored yet. After a crash it may have been done or not.
    /// </summary>
    public TipStep? InFlight { get; init; }

    /// <summary>A finish was sent whose answer was lost, so "already finished" means filed.</summary>
    public bool IsFinishUncertain { get; init; }

    /// <summary>The open report is to be taken back, and what becomes of it then: draft, cancelled or needs-human.</summary>
    public ReportState? RetractFor { get; init; }

    public DateTimeOffset? FiledAt { get; init; }

    /// <summary>The authority's last answer, byte for byte.</summary>
    public byte[]? Receipt { get; init; }

    /// <summary>Why it does not go on, in words for the operator.</summary>
    public string? Trouble { get; init; }

    public int? TroubleCode { get; init; }

    public string? RequestId { get; init; }
}

/// <summary>One file of a report.</summary>
public sealed record ReportFile
{
    public required string Evidence { get; init; }

    public required long SizeBytes { get; init; }

    public ReportFileState State { get; init; }

    /// <summary>The authority's id of it.</summary>
    public string? FileId { get; init; }

    /// <summary>As the authority gave it back, equal to that of the bytes that were sent.</summary>
    public string? Md5 { get; init; }

    public DateTimeOffset? UploadedAt { get; init; }

    /// <summary>The details as they were sent.</summary>
    public byte[]? DetailsXml { get; init; }

    /// <summary>How often the authority did not know it any more.</summary>
    public int Restarts { get; init; }

    internal EvidenceId EvidenceId => EvidenceId.TryParse(Evidence, out var id)
        ? id
        : throw new Storage.StoreUnusableException("A report names no proper evidence. Restore the store from a backup.");
}

/// <summary>One exchange with the authority.</summary>
public sealed record ReportExchange(
    DateTimeOffset At, TipStep Step, AnswerClass Class, int? Code, string Description, string? RequestId, int? HttpStatus, int Attempt);
