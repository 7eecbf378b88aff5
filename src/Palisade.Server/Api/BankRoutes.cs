using Microsoft.AspNetCore.Mvc;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Keys;
using Palisade.Policy;

namespace Palisade.Server.Api;

/// <summary><c>/v1/banks</c>: banks and the log of their changes. Lists by the million come in by the command line.</summary>
/// <remarks>
/// The policy is marked as a service because it has a <c>TryParse</c>, by which the framework would read it from the address.
/// </remarks>
internal static class BankRoutes
{
    /// <summary>Its address is the change log's.</summary>
    private const string ReservedName = "changes";

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/banks", ListAsync).Needs(ApiScopes.BanksRead).WithTags("Banks")
            .WithSummary("All banks").Produces<BankList>();
        routes.MapPost("/v1/banks", CreateAsync).Needs(ApiScopes.BanksWrite).WithTags("Banks")
            .WithSummary("Create a bank").Accepts<BankSettings>("application/json").Produces<BankAnswer>(201);
        routes.MapGet("/v1/banks/changes", ChangesAsync).Needs(ApiScopes.BanksRead).WithTags("Banks")
            .WithSummary("The changes of banks and signals after a sequence number, in order").Produces<BankChangePage>();
        routes.MapGet("/v1/banks/{bank}", FindAsync).Needs(ApiScopes.BanksRead).WithTags("Banks")
            .WithSummary("One bank").Produces<BankAnswer>();
        routes.MapPatch("/v1/banks/{bank}", ChangeAsync).Needs(ApiScopes.BanksWrite).WithTags("Banks")
            .WithSummary("Change a bank; what is left out stays").Accepts<BankSettings>("application/json").Produces<BankAnswer>();
        routes.MapDelete("/v1/banks/{bank}", RemoveAsync).Needs(ApiScopes.BanksWrite).WithTags("Banks")
            .WithSummary("Remove an empty bank: refused here, since a second person must approve it on the command line").Produces(204);
    }

    /// <summary>What a refusal by the banks is called here.</summary>
    internal static Problem ProblemOf(BankRefused refusal) => refusal switch
    {
        BankRefused.SecondPersonNeeded => Problem.SecondPersonNeeded,
        BankRefused.NoSuchBank => Problem.BankUnknown,
        BankRefused.NoSuchSignal => Problem.SignalUnknown,
        BankRefused.NameTaken => Problem.BankNameTaken,
        BankRefused.NotEmpty => Problem.BankNotEmpty,
        BankRefused.AlreadyThere => Problem.SignalThere,
        BankRefused.EmptyFile or BankRefused.Degenerate or BankRefused.LowQuality => Problem.SignalNotUseful,
        _ => Problem.BankNotValid,
    };

    private static async Task<IResult> ListAsync(BankRegistry banks, CancellationToken cancellationToken)
    {
        var counts = await banks.CountSignalsAsync(cancellationToken);
        return Results.Ok(new BankList(
        [
            .. (await banks.ListAsync(cancellationToken)).Select(bank => BankAnswer.Of(bank, counts.GetValueOrDefault(bank.Id))),
        ]));
    }

    private static async Task<IResult> CreateAsync(HttpContext context, BankRegistry banks, CancellationToken cancellationToken)
    {
        var (settings, refusal) = await ApiJson.ReadAsync<BankSettings>(context.Request, cancellationToken);
        if (settings is null)
        {
            return refusal!;
        }

        if (settings.Name == ReservedName)
        {
            return Problem.BankNotValid;
        }

        var created = await banks.CreateAsync(settings, Caller.Of(context).Actor, cancellationToken);
        return created.IsRefused
            ? ProblemOf(created.Refusal)
            : Results.Created($"/v1/banks/{created.Value.Name}", BankAnswer.Of(created.Value, SignalCounts.None));
    }

    private static async Task<IResult> FindAsync(string bank, BankRegistry banks, CancellationToken cancellationToken) =>
        await banks.FindAsync(bank, cancellationToken) is { } found
            ? Results.Ok(BankAnswer.Of(found, (await banks.CountSignalsAsync(cancellationToken)).GetValueOrDefault(found.Id)))
            : Problem.BankUnknown;

    private static async Task<IResult> ChangeAsync(
        string bank,
        HttpContext context,
        BankRegistry banks,
        [FromServices] PolicyBook policy,
        CancellationToken cancellationToken)
    {
        var (settings, refusal) = await ApiJson.ReadAsync<BankSettings>(context.Request, cancellationToken);
        if (settings is null)
        {
            return refusal!;
        }

        if (await banks.FindAsync(bank, cancellationToken) is not { } found)
        {
            return Problem.BankUnknown;
        }

        if (settings.Name is { } name && name != found.Name)
        {
            if (policy.Names(found.Name))
            {
                return Problem.BankInUse;
            }

            if (name == ReservedName)
            {
                return Problem.BankNotValid;
            }
        }

        var changed = await banks.ChangeAsync(found.Id, settings, Caller.Of(context).Actor, cancellationToken);
        return changed.IsRefused
            ? ProblemOf(changed.Refusal)
            : Results.Ok(BankAnswer.Of(
                changed.Value, (await banks.CountSignalsAsync(cancellationToken)).GetValueOrDefault(changed.Value.Id)));
    }

    private static async Task<IResult> RemoveAsync(
        string bank,
        HttpContext context,
        BankRegistry banks,
        [FromServices] PolicyBook policy,
        CancellationToken cancellationToken)
    {
        if (await banks.FindAsync(bank, cancellationToken) is not { } found)
        {
            return Problem.BankUnknown;
        }

        // The next start would refuse a policy that names a bank which is not there.
        if (policy.Names(found.Name))
        {
            return Problem.BankInUse;
        }

        var removed = await banks.RemoveAsync(found.Id, Caller.Of(context).Actor, cancellationToken);
        return removed.IsRefused ? ProblemOf(removed.Refusal) : Results.NoContent();
    }

    private static async Task<IResult> ChangesAsync(HttpRequest request, BankRegistry banks, CancellationToken cancellationToken) =>
        Paging.TryRead(request, out var page)
            ? Results.Ok(new BankChangePage(
            [
                .. (await banks.ChangesAfterAsync(page.After, page.Limit, cancellationToken)).Select(change => new BankChangeAnswer(
                    change.Sequence,
                    change.Kind,
                    change.Bank.ToString(),
                    change.Signal?.ToString(),
                    change.Import,
                    change.At,
                    change.By)),
            ]))
            : Problem.PageNotValid;
}

internal sealed record BankList(IReadOnlyList<BankAnswer> Banks);

internal sealed record BankAnswer(
    string Id,
    string Name,
    string Owner,
    BankPurpose Purpose,
    string Source,
    int MaxDistanceBits,
    int MinQuality,
    VerdictAction AllowedAction,
    double EnabledRatio,
    NewSignals NewSignals,
    string Notes,
    DateTimeOffset CreatedAt,
    SignalCounts Signals)
{
    internal static BankAnswer Of(Bank bank, SignalCounts? counts) => new(
        bank.Id.ToString(), bank.Name, bank.Owner, bank.Purpose, bank.Source, bank.MaxDistanceBits, bank.MinQuality,
        bank.AllowedAction, bank.EnabledRatio, bank.NewSignals, bank.Notes, bank.CreatedAt, counts ?? SignalCounts.None);
}

internal sealed record BankChangePage(IReadOnlyList<BankChangeAnswer> Changes);

internal sealed record BankChangeAnswer(
    long Sequence, string Kind, string Bank, string? Signal, long? Import, DateTimeOffset At, string By);
