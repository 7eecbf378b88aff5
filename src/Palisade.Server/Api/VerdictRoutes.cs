using Palisade.Keys;
using Palisade.Policy;
using Palisade.Review;
using Palisade.Scanning;

namespace Palisade.Server.Api;

/// <summary><c>GET /v1/verdicts</c>: the ordered feed that a platform follows to learn what became of its uploads.</summary>
internal static class VerdictRoutes
{
    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/verdicts", ReadAsync)
        .Needs(ApiScopes.VerdictsRead)
        .WithTags("Verdicts")
        .WithSummary("Follow the verdicts")
        .WithDescription(
            "The verdict changes after a sequence number, in order and without gaps, from the first that was not clean. " +
            "Store the last sequence that was acted upon and go on after it. With wait (seconds) an empty page is answered " +
            "only when nothing came in that time.")
        .Produces<VerdictPage>();

    private static async Task<IResult> ReadAsync(
        HttpRequest request, Scanner scanner, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        if (!Paging.TryRead(request, out var page))
        {
            return Problem.PageNotValid;
        }

        // A waiting reader must not keep the service from stopping.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        IReadOnlyList<VerdictChange> changes;
        try
        {
            changes = await scanner.Verdicts.ReadOrWaitAfterAsync(page.After, page.Limit, page.Wait, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            changes = [];
        }

        return Results.Ok(new VerdictPage(
        [
            .. changes.Select(change => new VerdictChangeAnswer(
                change.Sequence, change.Scan?.ToString(), change.Flag?.ToString(), change.Case?.ToString(), change.Service,
                change.ContentId, change.Verdict, change.Action, change.At)),
        ]));
    }
}

/// <param name="Changes">Empty at the end of the feed.</param>
internal sealed record VerdictPage(IReadOnlyList<VerdictChangeAnswer> Changes);

internal sealed record VerdictChangeAnswer(
    long Sequence,
    string? Scan,
    string? Flag,
    string? Case,
    string Service,
    string? ContentId,
    VerdictAction Verdict,
    PlatformAction? Action,
    DateTimeOffset At);
