using Palisade.Evidence;
using Palisade.Evidence.Holds;
using Palisade.Evidence.Holds.Destruction;
using Palisade.Keys;
using Palisade.Review;

namespace Palisade.Server.Api;

/// <summary>
/// <c>/v1/evidence</c>: what is kept and what keeps it. Nothing here opens, changes or removes anything.
/// </summary>
internal static class EvidenceRoutes
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/evidence/{id}", FindAsync).Needs(ApiScopes.CasesRead).WithTags("Evidence")
            .WithSummary("One piece of evidence: its record, until when it is held, and when it is due; nothing is opened")
            .Produces<EvidenceAnswer>();
        routes.MapGet("/v1/evidence/{id}/holds", HoldsOfEvidenceAsync).Needs(ApiScopes.CasesRead).WithTags("Evidence")
            .WithSummary("The holds on a piece of evidence and on its case, oldest first")
            .Produces<HoldList>();
        routes.MapGet("/v1/evidence/{id}/certificate", CertificateAsync).Needs(ApiScopes.CasesRead).WithTags("Evidence")
            .WithSummary("The certificate of its destruction, byte for byte as the audit log's digest is over it")
            .Produces(StatusCodes.Status200OK, contentType: "application/json");
        routes.MapGet("/v1/cases/{id}/holds", HoldsOfCaseAsync).Needs(ApiScopes.CasesRead).WithTags("Evidence")
            .WithSummary("The holds on a case, oldest first")
            .Produces<HoldList>();
    }

    private static async Task<IResult> FindAsync(string id, Installation installation, CancellationToken cancellationToken) =>
        EvidenceId.TryParse(id, out var evidence) &&
        await installation.RegisterOf(installation.Retention).FindAsync(evidence, cancellationToken) is { Record: not null } line
            ? Results.Ok(EvidenceAnswer.Of(line))
            : Problem.EvidenceUnknown;

    private static async Task<IResult> HoldsOfEvidenceAsync(string id, Installation installation, CancellationToken cancellationToken) =>
        EvidenceId.TryParse(id, out var evidence) && await installation.Evidence.FindAsync(evidence, cancellationToken) is { } record
            ? Results.Ok(HoldList.Of(await installation.Holds.ListAsync(record, cancellationToken), installation.Clock.GetUtcNow()))
            : Problem.EvidenceUnknown;

    private static async Task<IResult> HoldsOfCaseAsync(
        string id, Installation installation, CaseBook cases, CancellationToken cancellationToken) =>
        CaseId.TryParse(id, out var found) && await cases.FindAsync(found, cancellationToken) is not null
            ? Results.Ok(HoldList.Of(
                await installation.Holds.ListAsync(HoldSubject.Of(found), cancellationToken), installation.Clock.GetUtcNow()))
            : Problem.CaseUnknown;

    private static async Task<IResult> CertificateAsync(string id, Installation installation, CancellationToken cancellationToken) =>
        EvidenceId.TryParse(id, out var evidence) &&
        await installation.Destructions.FindCertificateAsync(evidence, cancellationToken) is { } certificate
            ? Results.Bytes(certificate.Text, "application/json")
            : Problem.EvidenceUnknown;
}

internal sealed record EvidenceAnswer(
    string Id, string Case, EvidenceState State, long SizeBytes, string SealedSha256, DateTimeOffset AdmittedAt,
    DateTimeOffset? DestroyedAt, DateTimeOffset? HeldUntil, DateTimeOffset? DueAt, string? DueBy, bool IsDamaged)
{
    internal static EvidenceAnswer Of(EvidenceLine line)
    {
        var record = line.Record!;
        return new EvidenceAnswer(
            line.Id, record.CaseId, record.State, record.SizeBytes, Convert.ToHexStringLower(record.SealedSha256), record.AdmittedAt,
            record.DestroyedAt, (line.Standing as HoldStanding.Held)?.Until, line.Due?.At, line.Due?.Rule, line.Fault is not null);
    }
}

internal sealed record HoldList(IReadOnlyList<HoldAnswer> Holds)
{
    internal static HoldList Of(IReadOnlyList<HoldLine> lines, DateTimeOffset now) => new([.. lines.Select(line => HoldAnswer.Of(line, now))]);
}

/// <summary>A hold without its reference and reason, which are for the people of the house. Of a damaged one only the number is known.</summary>
internal sealed record HoldAnswer(
    long Number, string? Subject, HoldBasis? Basis, string? Source, DateTimeOffset? StartsAt, DateTimeOffset? EndsAt,
    DateTimeOffset? LiftedAt, bool IsActive, bool IsDamaged)
{
    internal static HoldAnswer Of(HoldLine line, DateTimeOffset now) => line.Hold is { } hold
        ? new(
            hold.Number, hold.Subject.ToString(), hold.Basis, HoldRule.Of(hold.Basis).Source, hold.StartsAt, hold.EndsAt, hold.LiftedAt,
            hold.IsActiveAt(now), IsDamaged: false)
        : new(line.Number, null, null, null, null, null, null, IsActive: true, IsDamaged: true);
}
