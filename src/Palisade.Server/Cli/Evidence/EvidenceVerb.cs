using System.CommandLine;
using Palisade.Evidence;
using Palisade.Evidence.Holds;
using Palisade.Evidence.Holds.Destruction;

namespace Palisade.Server.Cli.Evidence;

/// <summary><c>palisade evidence</c>: what is kept, what keeps it, and how it ends.</summary>
internal static class EvidenceVerb
{
    public static Command Create(Terminal terminal) => new Verb(
        "evidence",
        "See what is kept and what keeps it, sweep what is due, and destroy at a law enforcement agency's request.",
        "palisade evidence list",
        "palisade evidence sweep --dry-run")
    {
        EvidenceListVerb.Create(terminal),
        EvidenceShowVerb.Create(terminal),
        EvidenceSweepVerb.Create(terminal),
        EvidenceErasureVerb.Create(terminal),
        EvidenceDestroyVerb.Create(terminal),
        EvidenceCertificateVerb.Create(terminal),
    };

    public static Argument<string> Id() => new("EVIDENCE") { Description = "The id of a piece of evidence: evd_..." };

    /// <returns>Null, having said so, when it is no id.</returns>
    public static EvidenceId? Parse(string text, Terminal terminal)
    {
        if (EvidenceId.TryParse(text, out var id))
        {
            return id;
        }

        terminal.Complain($"'{text}' is no id of a piece of evidence. `palisade evidence list` shows them.");
        return null;
    }
}

/// <summary>A piece of evidence as it is printed with <c>--json</c>.</summary>
internal sealed record EvidenceView(
    string Id, string? Case, EvidenceState? State, long? SizeBytes, string? SealedSha256, DateTimeOffset? AdmittedAt,
    DateTimeOffset? DestroyedAt, DateTimeOffset? HeldUntil, DateTimeOffset? DueAt, string? DueBy, string? Fault)
{
    public static EvidenceView Of(EvidenceLine line) => new(
        line.Id, line.Record?.CaseId, line.Record?.State, line.Record?.SizeBytes,
        line.Record is { } record ? Convert.ToHexStringLower(record.SealedSha256) : null, line.Record?.AdmittedAt,
        line.Record?.DestroyedAt, (line.Standing as HoldStanding.Held)?.Until, line.Due?.At, line.Due?.Rule, line.Fault);
}
