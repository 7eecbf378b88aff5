namespace Palisade.Evidence.Holds.Destruction;

/// <summary>How far a destruction has come. Each step is durable before the next begins.</summary>
public enum DestructionState
{
    /// <summary>It is on the audit log. Nothing is gone yet.</summary>
    Begun,

    /// <summary>The data keys are destroyed, so nothing can open the bytes any more.</summary>
    KeyDestroyed,

    /// <summary>Bytes and keys are gone, the certificate is written and its result is on the audit log.</summary>
    Done,

    /// <summary>A hold came between announcement and act, and nothing was destroyed.</summary>
    Stopped,
}

/// <summary>The destruction of one piece of evidence.</summary>
public sealed record DestructionRecord
{
    public required EvidenceId Evidence { get; init; }

    public required DestructionState State { get; init; }

    /// <summary>Number of the audit entry that announced it.</summary>
    public required long BegunEntry { get; init; }

    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>Number of the audit entry that told its result; null until then.</summary>
    public long? ResultEntry { get; init; }

    public required DestructionFacts Facts { get; init; }
}

/// <summary>What is destroyed and why, kept sealed.</summary>
/// <param name="Case">Text of the case's id.</param>
/// <param name="SealedSha256">SHA-256 of the sealed file, lower-case hexadecimal.</param>
/// <param name="SizeBytes">Size of the clear bytes.</param>
/// <param name="Rule">The rule that acted, or what the authority's request rests on.</param>
/// <param name="By">Who, as the audit log names them.</param>
/// <param name="Request">Null for a destruction by policy.</param>
/// <param name="LiftedHolds">Holds that ended because of the request.</param>
public sealed record DestructionFacts(
    string Case, string SealedSha256, long SizeBytes, DateTimeOffset AdmittedAt, string Rule, string By, AuthorityRequest? Request,
    IReadOnlyList<long> LiftedHolds);
