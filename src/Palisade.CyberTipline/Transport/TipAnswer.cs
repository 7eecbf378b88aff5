namespace Palisade.CyberTipline;

public enum TipStep
{
    Status,
    Schema,
    Submit,
    Upload,
    FileInfo,
    Finish,
    Retract,
}

/// <summary>What to do after an answer. The classes follow from the code, whatever the HTTP status was.</summary>
public enum AnswerClass
{
    /// <summary>Code 0: store it, then go on.</summary>
    Success,

    /// <summary>1000, 1100, 1110, 1111, 1300: the authority says that it failed; the same step again, later.</summary>
    RetryStep,

    /// <summary>
    /// No answer that could be understood: it may have been done or not. Submit and finish can be repeated; after an upload
    /// or file details it is cleaner to retract and begin again, since neither can be taken back alone.
    /// </summary>
    Uncertain,

    /// <summary>4200: build the form anew once; after that a person is needed.</summary>
    RebuildOnce,

    /// <summary>The hash that came back is not that of the bytes that were sent: retract and begin again.</summary>
    WrongHash,

    /// <summary>5001: the report does not exist, or its time ran out. Begin again, or learn that the id was another's.</summary>
    ReportGone,

    /// <summary>5002: restart the file; if it comes back, retract and begin again.</summary>
    FileGone,

    /// <summary>5101: as good as retracted.</summary>
    AlreadyRetracted,

    /// <summary>5102: filed, if it answers an uncertain finish of our own.</summary>
    AlreadyFinished,

    /// <summary>2000, and every HTTP 401: stop all submissions, the credentials are wrong.</summary>
    Credentials,

    /// <summary>3000, 3100, 3300: stop, the account may not do this.</summary>
    NotAuthorised,

    /// <summary>1210, 4000, 4100, 4110 and every unknown code: never again unchanged, a person has to look.</summary>
    NeedsHuman,
}

/// <summary>One exchange with the authority, as it is to be stored.</summary>
public sealed record TipAnswer
{
    public required TipStep Step { get; init; }

    public required AnswerClass Class { get; init; }

    /// <summary>Null when no answer could be read.</summary>
    public int? Code { get; init; }

    /// <summary>The authority's own words, or ours where it gave none.</summary>
    public string Description { get; init; } = "";

    public long? ReportId { get; init; }

    public string? FileId { get; init; }

    /// <summary>MD5 of what arrived, in hexadecimal, as the authority wrote it.</summary>
    public string? Hash { get; init; }

    /// <summary>Only of finish: all files of the report.</summary>
    public IReadOnlyList<string> FileIds { get; init; } = [];

    /// <summary>The header by which the authority finds the exchange.</summary>
    public string? RequestId { get; init; }

    public int? HttpStatus { get; init; }

    /// <summary>The bytes of the answer, at most 64 KiB; after finish this is the receipt.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    public DateTimeOffset ReceivedAt { get; init; }
}
