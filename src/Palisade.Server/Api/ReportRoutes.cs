using Palisade.CyberTipline;
using Palisade.Keys;
using Palisade.Reporting;
using Palisade.Review;

namespace Palisade.Server.Api;

/// <summary><c>/v1/reports</c>: what goes to an authority, and what the platform says of the account behind a case.</summary>
internal static class ReportRoutes
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/reports", ListAsync).Needs(ApiScopes.ReportsRead).WithTags("Reports")
            .WithSummary("Reports in the order of their drafting").WithDescription("Query: after (a report's number), limit.")
            .Produces<ReportPage>();
        routes.MapGet("/v1/reports/{id}", ShowAsync).Needs(ApiScopes.ReportsRead).WithTags("Reports")
            .WithSummary("One report with every exchange with the authority").Produces<ReportDetailAnswer>();
        routes.MapPost("/v1/reports/{id}/file", FileAsync).Needs(ApiScopes.ReportsWrite).WithTags("Reports")
            .WithSummary("Have a report tried at once").Produces<ReportAnswer>();
        routes.MapPost("/v1/reports/{id}/retract", RetractAsync).Needs(ApiScopes.ReportsWrite).WithTags("Reports")
            .WithSummary("Take a report back that is not filed").Produces<ReportAnswer>();
        routes.MapPost("/v1/cases/{id}/reports", DraftAsync).Needs(ApiScopes.ReportsWrite).WithTags("Reports")
            .WithSummary("Draft a report on a case that was decided as reportable").Produces<ReportAnswer>(201);
        routes.MapPost("/v1/cases/{id}/facts", AddFactsAsync).Needs(ApiScopes.ReportsWrite).WithTags("Reports")
            .WithSummary("Say what is known of the account behind a case")
            .WithDescription("Everything is optional. After a report was filed, a new one that links to it carries what came late.")
            .Accepts<AccountFacts>("application/json").Produces<FactsAnswer>(201);
    }

    private static async Task<IResult> ListAsync(HttpRequest request, ReportBook reports, CancellationToken cancellationToken) =>
        Paging.TryRead(request, out var page)
            ? Results.Ok(new ReportPage([.. (await reports.ListAsync(page.After, page.Limit, cancellationToken)).Select(ReportAnswer.Of)]))
            : Problem.PageNotValid;

    private static async Task<IResult> ShowAsync(string id, ReportBook reports, CancellationToken cancellationToken) =>
        ReportId.TryParse(id, out var found) && await reports.FindAsync(found, cancellationToken) is { } report
            ? Results.Ok(new ReportDetailAnswer(ReportAnswer.Of(report), await reports.ExchangesAsync(found, cancellationToken)))
            : Problem.ReportUnknown;

    private static async Task<IResult> FileAsync(string id, HttpContext context, ReportBook reports, CancellationToken cancellationToken) =>
        ReportId.TryParse(id, out var found)
            ? Answer(await reports.FileAsync(found, Caller.Of(context).Actor, cancellationToken), StatusCodes.Status200OK)
            : Problem.ReportUnknown;

    private static async Task<IResult> RetractAsync(string id, HttpContext context, ReportBook reports, CancellationToken cancellationToken) =>
        ReportId.TryParse(id, out var found)
            ? Answer(await reports.RetractAsync(found, Caller.Of(context).Actor, cancellationToken), StatusCodes.Status200OK)
            : Problem.ReportUnknown;

    private static async Task<IResult> DraftAsync(string id, HttpContext context, ReportBook reports, CancellationToken cancellationToken) =>
        CaseId.TryParse(id, out var found)
            ? Answer(await reports.DraftAsync(found, Caller.Of(context).Actor, cancellationToken), StatusCodes.Status201Created)
            : Problem.CaseUnknown;

    private static async Task<IResult> AddFactsAsync(string id, HttpContext context, ReportBook reports, CancellationToken cancellationToken)
    {
        var (facts, refusal) = await ApiJson.ReadAsync<AccountFacts>(context.Request, cancellationToken);
        if (facts is null)
        {
            return refusal!;
        }

        if (!CaseId.TryParse(id, out var found))
        {
            return Problem.CaseUnknown;
        }

        var (isKnown, late) = await reports.AddAccountAsync(found, facts, Caller.Of(context).Actor, cancellationToken);
        return isKnown
            ? Results.Json(new FactsAnswer(id, late is null ? null : ReportAnswer.Of(late)), statusCode: StatusCodes.Status201Created)
            : Problem.CaseUnknown;
    }

    private static IResult Answer((Report? Report, ReportRefused? Refusal) answer, int status) => answer.Refusal switch
    {
        null => Results.Json(ReportAnswer.Of(answer.Report!), statusCode: status),
        ReportRefused.NoSuchReport => Problem.ReportUnknown,
        ReportRefused.NoSuchCase => Problem.CaseUnknown,
        _ => Problem.ReportNotSo,
    };
}

internal sealed record ReportPage(IReadOnlyList<ReportAnswer> Reports);

/// <param name="Report">Left out unless the facts came after a report was filed.</param>
internal sealed record FactsAnswer(string Case, ReportAnswer? Report);

internal sealed record ReportDetailAnswer(ReportAnswer Report, IReadOnlyList<ReportExchange> Exchanges);

/// <param name="Environment">Rehearsal and test report nothing to an authority.</param>
/// <param name="AuthorityNumber">The authority's own number, once it opened the report.</param>
internal sealed record ReportAnswer(
    string Id, long Number, string Case, TipEnvironment Environment, ReportState State, DateTimeOffset CreatedAt, DateTimeOffset DueAt,
    int Attempt, long? AuthorityNumber, DateTimeOffset? FiledAt, string? Trouble)
{
    internal static ReportAnswer Of(Report report) => new(
        report.Id.ToString(), report.Number, report.Case.ToString(), report.Environment, report.State, report.CreatedAt, report.DueAt,
        report.Progress.Attempt, report.Progress.RemoteId, report.Progress.FiledAt, report.Progress.Trouble);
}
