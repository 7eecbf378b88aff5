namespace Palisade.Approvals;

/// <summary>A request for a second person, and what became of it.</summary>
public sealed record Approval
{
    public required long Id { get; init; }

    public required TwoPersonOperation Operation { get; init; }

    /// <summary>Kind and id of the object.</summary>
    public required string Subject { get; init; }

    /// <summary>SHA-256 of what the operation acts on.</summary>
    public required byte[] Content { get; init; }

    public required ApprovalState State { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>From then on it can neither be approved nor used.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>As <see cref="Audit.Actor"/> writes it.</summary>
    public required string Requester { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who said yes or no; null while nobody has.</summary>
    public string? Approver { get; init; }
}

public enum ApprovalState
{
    Requested,
    Approved,
    Denied,

    /// <summary>Used for its act. Each serves once.</summary>
    Spent,
}
