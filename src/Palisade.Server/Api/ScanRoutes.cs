using Palisade.Keys;
using Palisade.Policy;
using Palisade.Scanning;

namespace Palisade.Server.Api;

/// <summary><c>POST /v1/scan</c> and <c>GET /v1/scans/{id}</c>.</summary>
internal static class ScanRoutes
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/scan", ScanAsync)
            .Needs(ApiScopes.Scan)
            .WithTags("Scans")
            .WithSummary("Scan one upload")
            .WithDescription(
                "multipart/form-data with the parts file, service, and optionally contentId, uploaderToken, time (ISO 8601), " +
                "fileName, network (JSON: [{event, address, port, at}]) and context (JSON: [{kind, text, at}]); the last three are " +
                "kept only of an upload that gets a case, and then sealed; " +
                "the header Idempotency-Key makes a repeated call one scan for 24 hours. " +
                "Without the scope match.detail the answer holds id and verdict only.")
            .DescribesUpload(PlatformFacts.Fields)
            .Produces<ScanAnswer>();

        routes.MapGet("/v1/scans/{id}", FindAsync)
            .Needs(ApiScopes.ScansRead)
            .WithTags("Scans")
            .WithSummary("The verdict in force for a scan that was not clean")
            .Produces<ScanRecordAnswer>();
    }

    private static async Task<IResult> ScanAsync(
        HttpContext context, Scanner scanner, UploadAdmission admission, ServiceMetrics metrics, CancellationToken cancellationToken)
    {
        if (!scanner.IsReady)
        {
            return Problem.NotReady;
        }

        var caller = Caller.Of(context);
        if (!CallKey.TryRead(context.Request, caller, out var key))
        {
            return Problem.IdempotencyKeyNotValid;
        }

        using var place = admission.TryEnter(context.Request.ContentLength);
        if (place is null)
        {
            return Problem.Overloaded;
        }

        using var timing = metrics.TimeScan();
        var (read, refusal) = await UploadForm.ReadAsync(
            context, admission.MaxUploadBytes, admission.MaxBodyBytes, PlatformFacts.Fields, cancellationToken);
        using var form = read;
        if (form is null)
        {
            return refusal!;
        }

        var (facts, problem) = PlatformFacts.Read(form);
        if (facts is null)
        {
            return problem!;
        }

        var request = new ScanRequest
        {
            Service = facts.Service!,
            Bytes = form.File,
            ContentId = facts.ContentId,
            UploaderToken = facts.UploaderToken,
            UploadedAt = facts.UploadedAt,
            FileName = facts.FileName,
            Network = facts.Network,
            Context = facts.Context,
            By = caller.Actor,
            IdempotencyKey = key,
        };
        switch (await scanner.ScanAsync(request, cancellationToken))
        {
            case ScanResult.Answered answered:
                metrics.CountVerdict(request.Service, answered.Verdict);
                return Results.Ok(ScanAnswer.Of(answered, caller));
            case ScanResult.KeyReused:
                return Problem.IdempotencyKeyReused;
            default:
                return Problem.ServiceUnknown;
        }
    }

    private static async Task<IResult> FindAsync(
        string id, HttpContext context, Scanner scanner, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        if (!ScanId.TryParse(id, out var scan) ||
            await scanner.Records.FindAsync(scan, cancellationToken) is not { } found)
        {
            return Problem.ScanNotKept;
        }

        // An allowed scan is kept only when something matched in shadow, and that it did is such a detail.
        if (found.Record.Verdict == VerdictAction.Allow && !caller.SeesMatches)
        {
            return Problem.ScanNotKept;
        }

        return Results.Ok(ScanRecordAnswer.Of(found, caller));
    }
}

/// <summary>What is kept of a scan that was not clean, with the verdict that is in force now.</summary>
internal sealed record ScanRecordAnswer(
    string Id,
    string Service,
    string? ContentId,
    string? UploaderToken,
    VerdictAction Verdict,
    DateTimeOffset ScannedAt,
    IReadOnlyList<string>? Reasons,
    IReadOnlyList<MatchAnswer>? Matches,
    IReadOnlyList<MatchAnswer>? ShadowMatches,
    long? IndexGeneration,
    bool? Approximate)
{
    internal static ScanRecordAnswer Of(ScanRecords.Current found, Caller caller)
    {
        var record = found.Record;
        var answer = new ScanRecordAnswer(
            record.Id.ToString(), record.Service, record.Facts.ContentId, record.Facts.UploaderToken, found.Verdict,
            record.ScannedAt, null, null, null, null, null);
        return !caller.SeesMatches ? answer : answer with
        {
            Reasons = record.Facts.Reasons,
            Matches = [.. record.Facts.Matches.Where(match => !match.Shadow).Select(MatchAnswer.Of)],
            ShadowMatches = [.. record.Facts.Matches.Where(match => match.Shadow).Select(MatchAnswer.Of)],
            IndexGeneration = record.IndexGeneration,
            Approximate = record.Facts.Approximate ? true : null,
        };
    }
}
