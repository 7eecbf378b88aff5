namespace Palisade.Audit;

/// <summary>One line of the audit log: who did what to which object, and why. Digests, never content.</summary>
public sealed record AuditEntry
{
    /// <summary>What happened, as <c>noun.past</c>: <c>evidence.sealed</c>, <c>case.revealed</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Who did it; the log keeps a pseudonym.</summary>
    public required Actor Actor { get; init; }

    /// <summary>Kind and id of the object: <c>case/cas_…</c>, <c>evidence/evd_…</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>The reason that the actor gave, or the rule that acted. No names and no content.</summary>
    public string? Reason { get; init; }

    /// <summary>SHA-256 of the object as it was, where it has bytes.</summary>
    public byte[]? Digest { get; init; }

    /// <summary>The entry that announced an act whose result this one tells.</summary>
    public long? ResultOf { get; init; }
}
