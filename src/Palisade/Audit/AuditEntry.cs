using System.Buffers;

namespace Palisade.Audit;

/// <summary>One line of the audit log as it is to be written: who did what to which object, and why. Digests, never content.</summary>
public sealed record AuditEntry
{
    public const int LongestAction = 100;
    public const int LongestSubject = 300;

    /// <summary>In UTF-16 units. Longer reasons belong into the case's notes.</summary>
    public const int LongestReason = 2000;

    private static readonly SearchValues<char> ActionAlphabet = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    /// <summary>What happened, as <c>noun.past</c>: <c>evidence.sealed</c>, <c>case.revealed</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Who did it; the log keeps a pseudonym.</summary>
    public required Actor Actor { get; init; }

    /// <summary>Kind and id of the object: <c>case/cas_…</c>, <c>evidence/evd_…</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>The reason that the actor gave, or the rule that acted. No names and no content.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// SHA-256 of the object as it is stored, where it has bytes: of the sealed file for evidence, since the digest of a
    /// clear picture would tell whoever reads the log which picture it is.
    /// </summary>
    public byte[]? Digest { get; init; }

    /// <summary>The entry that announced an act whose result this one tells.</summary>
    public long? ResultOf { get; init; }

    /// <summary>Checks what every caller must have made sure of before.</summary>
    /// <exception cref="ArgumentException">A part has the wrong form; nothing of the entry's text is in the message.</exception>
    internal static void Check(AuditEntry entry)
    {
        if (entry.Action.Length > LongestAction || !entry.Action.Contains('.', StringComparison.Ordinal) ||
            entry.Action.AsSpan().ContainsAnyExcept(ActionAlphabet))
        {
            throw new ArgumentException($"An audit action is noun.past in lower case, at most {LongestAction} characters.", nameof(entry));
        }

        if (entry.Subject.Length is 0 or > LongestSubject || entry.Subject.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ArgumentException($"An audit subject is a kind and an id, 1 to {LongestSubject} printable ASCII characters.", nameof(entry));
        }

        if (entry.Reason?.Length > LongestReason)
        {
            throw new ArgumentException($"An audit reason has at most {LongestReason} characters. Say it more briefly.", nameof(entry));
        }

        if (entry.Digest is not null && entry.Digest.Length != 32)
        {
            throw new ArgumentException("An audit digest is a SHA-256 of 32 bytes.", nameof(entry));
        }
    }
}
