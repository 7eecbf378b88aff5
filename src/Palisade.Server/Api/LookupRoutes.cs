using Palisade.Keys;
using Palisade.Scanning;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;

namespace Palisade.Server.Api;

/// <summary><c>POST /v1/lookup</c>: verdicts for fingerprints that the platform computed, up to 1,000 in one call.</summary>
internal static class LookupRoutes
{
    private const int MaxItems = 1000;
    private const int MaxFieldCharacters = 512;

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/lookup", LookupAsync)
        .Needs(ApiScopes.Scan)
        .WithTags("Scans")
        .WithSummary("Look up fingerprints instead of bytes")
        .WithDescription(
            "Each item has one or more of pdq, sha256, sha1 and md5; quality is the PDQ quality where it is known. " +
            "One answer for each item, in the same order.")
        .Accepts<LookupCall>("application/json")
        .Produces<LookupAnswer>();

    private static async Task<IResult> LookupAsync(
        HttpContext context, Scanner scanner, UploadAdmission admission, ServiceMetrics metrics, CancellationToken cancellationToken)
    {
        if (!scanner.IsReady)
        {
            return Problem.NotReady;
        }

        using var place = admission.TryEnter(context.Request.ContentLength);
        if (place is null)
        {
            return Problem.Overloaded;
        }

        var (call, refusal) = await ApiJson.ReadAsync<LookupCall>(context.Request, cancellationToken);
        if (call is null)
        {
            return refusal!;
        }

        if (call.Items.Count is < 1 or > MaxItems)
        {
            return Problem.BatchTooLarge;
        }

        var caller = Caller.Of(context);
        var items = new List<LookupItem>(call.Items.Count);
        foreach (var asked in call.Items)
        {
            if (!IsPlain(asked.ContentId) || !IsPlain(asked.UploaderToken))
            {
                return Problem.FieldNotValid;
            }

            if (FingerprintsOf(asked) is not { } fingerprints)
            {
                return Problem.HashNotValid;
            }

            items.Add(new LookupItem
            {
                By = caller.Actor,
                Fingerprints = fingerprints,
                ContentId = asked.ContentId,
                UploaderToken = asked.UploaderToken,
            });
        }

        var answers = new List<ScanAnswer>(items.Count);
        foreach (var result in await scanner.LookupAsync(call.Service, items, cancellationToken))
        {
            if (result is not ScanResult.Answered answered)
            {
                return Problem.ServiceUnknown;
            }

            metrics.CountVerdict(call.Service, answered.Verdict);
            answers.Add(ScanAnswer.Of(answered, caller));
        }

        return Results.Ok(new LookupAnswer(answers));
    }

    private static Fingerprints? FingerprintsOf(LookupCallItem asked)
    {
        var digests = new List<Digest>();
        if (!TryAdd(DigestType.Sha256, asked.Sha256) || !TryAdd(DigestType.Sha1, asked.Sha1) || !TryAdd(DigestType.Md5, asked.Md5))
        {
            return null;
        }

        var needles = new List<Needle>();
        if (asked.Pdq is not null)
        {
            if (!PdqHash.TryParse(asked.Pdq, out var hash) || asked.Quality is < 0 or > 100)
            {
                return null;
            }

            needles.Add(new Needle(hash, Orientation.Original, Frame: 0, asked.Quality ?? 100));
        }

        return digests.Count + needles.Count == 0 ? null : new Fingerprints { Digests = digests, Needles = needles };

        bool TryAdd(DigestType type, string? text)
        {
            if (text is null)
            {
                return true;
            }

            var isDigest = Digest.TryParse(type, text, out var digest);
            digests.Add(digest);
            return isDigest;
        }
    }

    private static bool IsPlain(string? text) =>
        text is null || (text.Length <= MaxFieldCharacters && !text.Any(char.IsControl));
}

internal sealed record LookupCall
{
    public required string Service { get; init; }

    public required IReadOnlyList<LookupCallItem> Items { get; init; }
}

internal sealed record LookupCallItem
{
    public string? Pdq { get; init; }

    public int? Quality { get; init; }

    public string? Md5 { get; init; }

    public string? Sha1 { get; init; }

    public string? Sha256 { get; init; }

    public string? ContentId { get; init; }

    public string? UploaderToken { get; init; }
}

internal sealed record LookupAnswer(IReadOnlyList<ScanAnswer> Answers);
