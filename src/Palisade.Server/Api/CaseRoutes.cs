using Palisade.Keys;
using Palisade.Policy;
using Palisade.Review;

namespace Palisade.Server.Api;

/// <summary><c>/v1/cases</c>: flags in, cases and their notes out. What people decide reaches the platform by the verdict feed.</summary>
internal static class CaseRoutes
{
    private static readonly string[] FlagFields = [.. PlatformFacts.Fields, "text", "reference", "category", "reporterToken"];

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/cases", ListAsync).Needs(ApiScopes.CasesRead).WithTags("Cases")
            .WithSummary("Cases in the order of their opening")
            .WithDescription("Query: state (open, in-review, decided, reported, closed), after (a case's number), limit.")
            .Produces<CasePage>();
        routes.MapPost("/v1/cases", FlagAsync).Needs(ApiScopes.CasesWrite).WithTags("Cases")
            .WithSummary("Flag content, with or without a file")
            .WithDescription(
                "multipart/form-data with service and at least one of file, text and reference; optionally category, " +
                "reporterToken, and everything that POST /v1/scan takes. No match is needed. A flag of content that has an " +
                "undecided case joins it. The header Idempotency-Key makes a repeated call one flag for 24 hours.")
            .DescribesUpload(FlagFields, isFileNeeded: false).Produces<FlagAnswer>(201);
        routes.MapGet("/v1/cases/{id}", ViewAsync).Needs(ApiScopes.CasesRead).WithTags("Cases")
            .WithSummary("One case with its uploads, notes and decisions; the look is on the audit log").Produces<CaseDetailAnswer>();
        routes.MapPost("/v1/cases/{id}/notes", NoteAsync).Needs(ApiScopes.CasesWrite).WithTags("Cases")
            .WithSummary("Write a note on a case").Accepts<NoteCall>("application/json").Produces<NoteAnswer>(201);
        routes.MapPost("/v1/cases/{id}/decisions", DecideAsync).Needs(ApiScopes.CasesDecide).WithTags("Cases")
            .WithSummary("Decide a case")
            .WithDescription(
                "Effective after the undo time (10 seconds by default); a threat to life at once. Until then nothing leaves. " +
                $"report.incidentType: {string.Join(", ", ReportWords.IncidentTypes)}. " +
                $"report.classification: {string.Join(", ", ReportWords.Classifications)}. " +
                $"report.annotations: {string.Join(", ", ReportWords.ReportAnnotations.Concat(ReportWords.FileAnnotations))}.")
            .Accepts<DecisionCall>("application/json").Produces<CaseSummary>(201);
        routes.MapDelete("/v1/cases/{id}/decisions/latest", UndoAsync).Needs(ApiScopes.CasesDecide).WithTags("Cases")
            .WithSummary("Undo the last decision while its undo time runs").Produces<CaseSummary>();
    }

    private static async Task<IResult> ListAsync(HttpRequest request, CaseBook cases, CancellationToken cancellationToken)
    {
        if (!Paging.TryRead(request, out var page))
        {
            return Problem.PageNotValid;
        }

        CaseState? state = null;
        if (request.Query["state"] is { Count: > 0 } words)
        {
            if (words.Count > 1 || !Storage.Words.TryParse<CaseState>(words[0], out var named))
            {
                return Problem.PageNotValid;
            }

            state = named;
        }

        var found = await cases.ListAsync(
            new CaseQuery { After = page.After, Limit = page.Limit, State = state }, cancellationToken);
        return Results.Ok(new CasePage([.. found.Select(record => CaseSummary.Of(record))]));
    }

    private static async Task<IResult> FlagAsync(
        HttpContext context, Installation installation, UploadAdmission admission, CancellationToken cancellationToken)
    {
        if (!installation.Scanner.IsReady)
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

        var (read, refusal) = await UploadForm.ReadWithOrWithoutFileAsync(
            context, admission.MaxUploadBytes, admission.MaxBodyBytes, FlagFields, cancellationToken);
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

        var result = await installation.Flags.TakeAsync(
            new FlagRequest
            {
                Service = facts.Service!,
                Bytes = form.HasFile ? form.File : default,
                Flag = new FlagFacts
                {
                    Category = form["category"],
                    Text = form["text"],
                    Reference = form["reference"],
                    ReporterToken = form["reporterToken"],
                },
                ContentId = facts.ContentId,
                UploaderToken = facts.UploaderToken,
                UploadedAt = facts.UploadedAt,
                FileName = facts.FileName,
                Network = facts.Network,
                Context = facts.Context,
                IdempotencyKey = key,
                By = caller.Actor,
            },
            cancellationToken);
        return result switch
        {
            FlagResult.Taken taken => Results.Created(
                $"/v1/cases/{taken.Case.Id}",
                new FlagAnswer(taken.Case.Id.ToString(), taken.Case.Number, taken.Flag, taken.Verdict)),
            FlagResult.Empty => Problem.FlagEmpty,
            FlagResult.KeyReused => Problem.IdempotencyKeyReused,
            _ => Problem.ServiceUnknown,
        };
    }

    private static async Task<IResult> ViewAsync(
        string id, HttpContext context, CaseBook cases, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        return CaseId.TryParse(id, out var found) &&
            await cases.ViewAsync(found, caller.Actor, cancellationToken) is { } detail
            ? Results.Ok(CaseDetailAnswer.Of(detail, caller))
            : Problem.CaseUnknown;
    }

    private static async Task<IResult> DecideAsync(
        string id, HttpContext context, CaseBook cases, CancellationToken cancellationToken)
    {
        var (call, refusal) = await ApiJson.ReadAsync<DecisionCall>(context.Request, cancellationToken);
        if (call is null)
        {
            return refusal!;
        }

        if (!CaseId.TryParse(id, out var found))
        {
            return Problem.CaseUnknown;
        }

        var decided = await cases.DecideAsync(
            found,
            new DecisionRequest
            {
                Outcome = call.Outcome,
                Novelty = call.Novelty,
                Origin = call.Origin,
                Report = call.Report is { } report ? new ReportFacts(report.IncidentType, report.Classification, report.Annotations) : null,
                ThreatToLife = call.ThreatToLife,
                Action = call.Action,
                Reason = call.Reason,
                SeenUploads = call.SeenUploads,
            },
            Caller.Of(context).Actor,
            cancellationToken);
        return decided.Refusal switch
        {
            null => Results.Json(CaseSummary.Of(decided.Value!), statusCode: StatusCodes.Status201Created),
            var refused => ProblemOf(refused),
        };
    }

    private static async Task<IResult> UndoAsync(
        string id, HttpContext context, CaseBook cases, CancellationToken cancellationToken)
    {
        if (!CaseId.TryParse(id, out var found))
        {
            return Problem.CaseUnknown;
        }

        var undone = await cases.UndoAsync(found, Caller.Of(context).Actor, cancellationToken);
        return undone.Refusal switch
        {
            null => Results.Ok(CaseSummary.Of(undone.Value!)),
            var refused => ProblemOf(refused),
        };
    }

    private static Problem ProblemOf(CaseRefused refused) => refused switch
    {
        CaseRefused.NoSuchCase => Problem.CaseUnknown,
        CaseRefused.BadText or CaseRefused.UnknownWord or CaseRefused.IncidentTypeNeeded => Problem.DecisionNotValid,
        CaseRefused.TooLateToUndo => Problem.TooLateToUndo,
        _ => Problem.CaseNotSo,
    };

    private static async Task<IResult> NoteAsync(
        string id, HttpContext context, CaseBook cases, CancellationToken cancellationToken)
    {
        var (call, refusal) = await ApiJson.ReadAsync<NoteCall>(context.Request, cancellationToken);
        if (call is null)
        {
            return refusal!;
        }

        if (!CaseId.TryParse(id, out var found))
        {
            return Problem.CaseUnknown;
        }

        var note = await cases.AddNoteAsync(found, call.Text, Caller.Of(context).Actor, cancellationToken);
        return note.Refusal switch
        {
            null => Results.Json(NoteAnswer.Of(note.Value!), statusCode: StatusCodes.Status201Created),
            CaseRefused.BadText => Problem.NoteNotValid,
            _ => Problem.CaseUnknown,
        };
    }
}

internal sealed record NoteCall
{
    public required string Text { get; init; }
}

internal sealed record DecisionCall
{
    public required CaseOutcome Outcome { get; init; }

    public ContentNovelty? Novelty { get; init; }

    public ContentOrigin Origin { get; init; } = ContentOrigin.NotEvaluated;

    public ReportFactsCall? Report { get; init; }

    public bool ThreatToLife { get; init; }

    /// <summary>Left out: remove what is reportable or intimate, release the rest.</summary>
    public PlatformAction? Action { get; init; }

    public required string Reason { get; init; }

    /// <summary>How many uploads the person saw; refused when more have joined since.</summary>
    public long? SeenUploads { get; init; }
}

internal sealed record ReportFactsCall
{
    public string? IncidentType { get; init; }

    public string? Classification { get; init; }

    public IReadOnlyList<string> Annotations { get; init; } = [];
}

/// <param name="Verdict">What the banks say of the file; left out when there was none.</param>
internal sealed record FlagAnswer(string Case, long Number, string Flag, VerdictAction? Verdict);

internal sealed record CasePage(IReadOnlyList<CaseSummary> Cases);

/// <param name="Number">The case's short name, and its place in the list.</param>
/// <param name="HeldSince">Since when an upload of it is kept back without a decision.</param>
internal sealed record CaseSummary(
    string Id,
    long Number,
    CaseState State,
    CaseOrigin Origin,
    string Service,
    VerdictAction? Verdict,
    long Uploads,
    string? Owner,
    DateTimeOffset OpenedAt,
    DateTimeOffset DueAt,
    DateTimeOffset? HeldSince,
    DateTimeOffset ChangedAt,
    CaseReceipts Receipts)
{
    internal static CaseSummary Of(Case record) => new(
        record.Id.ToString(), record.Number, record.State, record.Origin, record.Service, record.Verdict, record.Uploads,
        record.Owner, record.OpenedAt, record.DueAt, record.HeldSince, record.ChangedAt, record.Receipts);
}

/// <param name="Uploads">The newest 200 of them.</param>
internal sealed record CaseDetailAnswer(
    CaseSummary Case,
    IReadOnlyList<CaseUploadAnswer> Uploads,
    IReadOnlyList<NoteAnswer> Notes,
    IReadOnlyList<DecisionAnswer> Decisions)
{
    internal static CaseDetailAnswer Of(CaseDetail detail, Caller caller) => new(
        CaseSummary.Of(detail.Case),
        [.. detail.Uploads.Select(upload => CaseUploadAnswer.Of(upload, caller))],
        [.. detail.Notes.Select(NoteAnswer.Of)],
        [.. detail.Decisions.Select(DecisionAnswer.Of)]);
}

/// <param name="Source">The scan's or the flag's id.</param>
/// <param name="Evidence">Its sealed bytes and facts; left out when there are none.</param>
/// <param name="EvidenceGap">Why there are no bytes.</param>
/// <param name="Reasons">With the scope <c>match.detail</c> only, as the matches.</param>
internal sealed record CaseUploadAnswer(
    string Source,
    string Service,
    VerdictAction? Verdict,
    string? Evidence,
    EvidenceGap? EvidenceGap,
    DateTimeOffset CameAt,
    string? ContentId,
    string? UploaderToken,
    DateTimeOffset? UploadedAt,
    string? FileName,
    FlagFacts? Flag,
    IReadOnlyList<string>? Reasons,
    IReadOnlyList<MatchAnswer>? Matches)
{
    internal static CaseUploadAnswer Of(CaseUpload upload, Caller caller) => new(
        upload.Source, upload.Service, upload.Verdict, upload.Evidence?.ToString(), upload.Gap, upload.CameAt,
        upload.Facts.ContentId, upload.Facts.UploaderToken, upload.Facts.UploadedAt, upload.Facts.FileName, upload.Facts.Flag,
        caller.SeesMatches ? upload.Facts.Reasons : null,
        caller.SeesMatches
            ? [.. upload.Facts.Matches.Where(match => !match.Shadow || match.Region is not null).Select(MatchAnswer.ForReviewer)]
            : null);
}

internal sealed record NoteAnswer(string By, DateTimeOffset WrittenAt, string Text)
{
    internal static NoteAnswer Of(CaseNote note) => new(note.By, note.WrittenAt, note.Text);
}

internal sealed record DecisionAnswer(
    CaseOutcome? Outcome, PlatformAction Action, string Reason, bool ThreatToLife, string By, DateTimeOffset DecidedAt,
    DateTimeOffset EffectiveAt, DateTimeOffset? UndoneAt)
{
    internal static DecisionAnswer Of(CaseDecision decision) => new(
        decision.Outcome, decision.Action, decision.Reason, decision.ThreatToLife, decision.By, decision.DecidedAt,
        decision.EffectiveAt, decision.UndoneAt);
}
