using System.Globalization;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Banks.Fetching;
using Palisade.Decoding;
using Palisade.Keys;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;

namespace Palisade.Server.Api;

/// <summary>
/// <c>/v1/banks/{bank}/signals</c>: signals added by file, by hash, or by an address where that is allowed. A signal's value
/// never leaves by this way: lists are lent, and whoever adds to a bank need not read it.
/// </summary>
internal static class SignalRoutes
{
    private static readonly string[] Fields = ["origin"];

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/banks/{bank}/signals", ListAsync).Needs(ApiScopes.BanksRead).WithTags("Signals")
            .WithSummary("A bank's signals, without their values, oldest first").Produces<SignalPage>();
        routes.MapPost("/v1/banks/{bank}/signals", AddAsync).Needs(ApiScopes.BanksWrite).WithTags("Signals")
            .WithSummary("Add a signal by file, by hash, or by address")
            .WithDescription(
                "multipart/form-data with file and optionally origin adds the picture's PDQ hash and its SHA-256. " +
                "application/json adds one hash (type, value, profile, quality, origin), or with url what is fetched from there.")
            .Accepts<NewSignalCall>("application/json", "multipart/form-data").Produces<SignalPage>(201);
        routes.MapPatch("/v1/banks/{bank}/signals/{id}", ChangeAsync).Needs(ApiScopes.BanksWrite).WithTags("Signals")
            .WithSummary("Set where a signal stands").Accepts<SignalStateCall>("application/json").Produces<SignalAnswer>();
        routes.MapDelete("/v1/banks/{bank}/signals/{id}", WithdrawAsync).Needs(ApiScopes.BanksWrite).WithTags("Signals")
            .WithSummary("Withdraw a signal").Produces<SignalAnswer>();
    }

    private static async Task<IResult> ListAsync(
        string bank, HttpRequest request, BankRegistry banks, CancellationToken cancellationToken)
    {
        if (!Paging.TryRead(request, out var page))
        {
            return Problem.PageNotValid;
        }

        return await banks.FindAsync(bank, cancellationToken) is { } found
            ? Results.Ok(new SignalPage(
            [
                .. (await banks.ListSignalsAsync(found.Id, new SignalId(page.After), page.Limit, cancellationToken))
                    .Select(SignalAnswer.Of),
            ]))
            : Problem.BankUnknown;
    }

    private static async Task<IResult> AddAsync(
        string bank,
        HttpContext context,
        BankRegistry banks,
        DecoderPool decoder,
        UrlFetch fetch,
        UploadAdmission admission,
        CancellationToken cancellationToken)
    {
        if (await banks.FindAsync(bank, cancellationToken) is not { } into)
        {
            return Problem.BankUnknown;
        }

        var by = Caller.Of(context).Actor;
        if (!context.Request.HasJsonContentType())
        {
            using var place = admission.TryEnter(context.Request.ContentLength);
            if (place is null)
            {
                return Problem.Overloaded;
            }

            var (read, refusal) = await UploadForm.ReadAsync(
                context, admission.MaxUploadBytes, admission.MaxBodyBytes, Fields, cancellationToken);
            using var form = read;
            return form is null
                ? refusal!
                : await AddFileAsync(banks, decoder, into, form.File, form["origin"] ?? "", by, cancellationToken);
        }

        var (call, jsonRefusal) = await ApiJson.ReadAsync<NewSignalCall>(context.Request, cancellationToken);
        if (call is null)
        {
            return jsonRefusal!;
        }

        if (call.Origin.Any(char.IsControl))
        {
            return Problem.FieldNotValid;
        }

        if (call is { Url: { } url, Type: null, Value: null })
        {
            if (!fetch.IsSwitchedOn)
            {
                return Problem.UrlFetchOff;
            }

            // A place for the largest file: nobody knows yet how large it will be.
            using var place = admission.TryEnter(declaredBytes: null);
            return place is null ? Problem.Overloaded
                : await fetch.FetchAsync(url, cancellationToken) is FetchOutcome.Fetched { Bytes: var bytes }
                    ? await AddFileAsync(banks, decoder, into, bytes, call.Origin, by, cancellationToken)
                    : Problem.UrlNotFetched;
        }

        return call is { Url: null, Type: { } type, Value: { } text } && SignalValue.TryParse(type, text, out var value)
            ? await AddThemAsync(banks, into, [new NewSignal(value, call.Profile, call.Quality, call.Origin)], by, cancellationToken)
            : Problem.SignalNotValid;
    }

    private static async Task<IResult> AddFileAsync(
        BankRegistry banks,
        DecoderPool decoder,
        Bank into,
        ReadOnlyMemory<byte> bytes,
        string origin,
        Actor by,
        CancellationToken cancellationToken)
    {
        if (await decoder.DecodeAsync(bytes, cancellationToken) is not DecodeOutcome.Decoded { Picture: var picture } ||
            picture.Frames[0].Full is var print && print.Quality < into.MinQuality)
        {
            return Problem.PictureNotFingerprinted;
        }

        return await AddThemAsync(
            banks,
            into,
            [
                new NewSignal(new SignalValue(print.Hash), PdqProfile.Full, print.Quality, origin),
                new NewSignal(new SignalValue(DigestCalculator.Compute(bytes.Span).Sha256), Origin: origin),
            ],
            by,
            cancellationToken);
    }

    /// <summary>Adds what can be added; it is a refusal only when that was nothing.</summary>
    private static async Task<IResult> AddThemAsync(
        BankRegistry banks, Bank into, IReadOnlyList<NewSignal> signals, Actor by, CancellationToken cancellationToken)
    {
        var answers = await banks.AddSignalsAsync(into.Id, signals, by, cancellationToken);
        var added = answers.Where(answer => !answer.IsRefused).Select(answer => SignalAnswer.Of(answer.Value!)).ToList();
        return added.Count > 0
            ? Results.Json(new SignalPage(added), statusCode: StatusCodes.Status201Created)
            : ProblemOf(answers[0].Refusal!);
    }

    private static async Task<IResult> ChangeAsync(
        string bank, string id, HttpContext context, BankRegistry banks, CancellationToken cancellationToken)
    {
        var (call, refusal) = await ApiJson.ReadAsync<SignalStateCall>(context.Request, cancellationToken);
        if (call is null)
        {
            return refusal!;
        }

        return await FindAsync(bank, id, banks, cancellationToken) is { } signal
            ? AnswerTo(await banks.SetSignalStateAsync(
                signal.Id, call.State, call.DisabledUntil, Caller.Of(context).Actor, cancellationToken))
            : Problem.SignalUnknown;
    }

    private static async Task<IResult> WithdrawAsync(
        string bank, string id, HttpContext context, BankRegistry banks, CancellationToken cancellationToken) =>
        await FindAsync(bank, id, banks, cancellationToken) is { } signal
            ? AnswerTo(await banks.WithdrawAsync(signal.Id, Caller.Of(context).Actor, cancellationToken))
            : Problem.SignalUnknown;

    private static IResult AnswerTo(BankAnswer<Signal> changed) => changed.IsRefused
        ? changed.Refusal is BankRefused.BadSetting ? Problem.SignalStateNotValid : ProblemOf(changed.Refusal)
        : Results.Ok(SignalAnswer.Of(changed.Value));

    private static Problem ProblemOf(BankRefused refusal) =>
        refusal is BankRefused.BadSetting ? Problem.SignalNotValid : BankRoutes.ProblemOf(refusal);

    /// <summary>A signal of that bank and no other.</summary>
    private static async Task<Signal?> FindAsync(
        string bank, string id, BankRegistry banks, CancellationToken cancellationToken) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) &&
        await banks.FindAsync(bank, cancellationToken) is { } into &&
        await banks.FindSignalAsync(new SignalId(number), cancellationToken) is { } signal && signal.Bank == into.Id
            ? signal
            : null;
}

internal sealed record NewSignalCall
{
    public SignalType? Type { get; init; }

    /// <summary>Hexadecimal digits.</summary>
    public string? Value { get; init; }

    public PdqProfile? Profile { get; init; }

    public int? Quality { get; init; }

    /// <summary>Fetched only where the setting fetch.allowedHosts permits it.</summary>
    public string? Url { get; init; }

    /// <summary>Where it came from, at most 500 characters.</summary>
    public string Origin { get; init; } = "";
}

internal sealed record SignalStateCall
{
    public required SignalState State { get; init; }

    public DateTimeOffset? DisabledUntil { get; init; }
}

internal sealed record SignalPage(IReadOnlyList<SignalAnswer> Signals);

internal sealed record SignalAnswer(
    string Id,
    SignalType Type,
    PdqProfile? Profile,
    int? Quality,
    string Origin,
    SignalState State,
    DateTimeOffset? DisabledUntil,
    DateTimeOffset AddedAt)
{
    internal static SignalAnswer Of(Signal signal) => new(
        signal.Id.ToString(), signal.Value.Type, signal.Profile, signal.Quality, signal.Origin, signal.State,
        signal.DisabledUntil, signal.AddedAt);
}
