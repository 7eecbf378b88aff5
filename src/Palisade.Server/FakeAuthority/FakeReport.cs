namespace Palisade.Server.FakeAuthority;

internal enum FakeReportState
{
    Open,
    Finished,
    Retracted,
    Expired,
}

/// <summary>One report as the rehearsal authority received it. Of files it keeps what identifies them and never their bytes.</summary>
internal sealed record FakeReport
{
    public required long ReportId { get; init; }

    public FakeReportState State { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? LastFileAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public required string Xml { get; init; }

    public bool IsBatched { get; init; }

    public IReadOnlyList<FakeFile> Files { get; init; } = [];
}

internal sealed record FakeFile(string FileId, string? FileName, long SizeBytes, string Md5, string Sha256)
{
    /// <summary>The fileDetails document, once it came.</summary>
    public string? DetailsXml { get; init; }
}
