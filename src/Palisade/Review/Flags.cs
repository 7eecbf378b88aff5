using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Policy;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Review;

/// <summary>Something that a person saw on the platform and complained about.</summary>
public sealed record FlagRequest
{
    /// <summary>A service of the policy.</summary>
    public required string Service { get; init; }

    /// <summary>The file that is complained about; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    public required FlagFacts Flag { get; init; }

    public string? ContentId { get; init; }

    public string? UploaderToken { get; init; }

    public DateTimeOffset? UploadedAt { get; init; }

    public string? FileName { get; init; }

    public IReadOnlyList<NetworkFact> Network { get; init; } = [];

    public IReadOnlyList<ContextItem> Context { get; init; } = [];

    public IdempotencyKey? IdempotencyKey { get; init; }

    public required Actor By { get; init; }
}

/// <summary>What came of a flag. A closed set.</summary>
public abstract record FlagResult
{
    private FlagResult()
    {
    }

    /// <param name="Verdict">What the banks say of the file; null when there was none.</param>
    public sealed record Taken(Case Case, string Flag, VerdictAction? Verdict) : FlagResult;

    /// <summary>The policy has no such service.</summary>
    public sealed record UnknownService : FlagResult;

    /// <summary>There is neither a file nor a text nor a reference.</summary>
    public sealed record Empty : FlagResult;

    /// <summary>The idempotency key stands for another request.</summary>
    public sealed record KeyReused : FlagResult;
}

/// <summary>
/// Takes people's flags in. No match is needed: what a person complains about gets a case. A file that comes with it is
/// examined and sealed like an upload that is not clean.
/// </summary>
public sealed class Flags(CaseBook cases, Scanner scanner, PolicyBook policy, TimeProvider clock)
{
    public async Task<FlagResult> TakeAsync(FlagRequest request, CancellationToken cancellationToken)
    {
        if (policy.Find(request.Service) is null)
        {
            return new FlagResult.UnknownService();
        }

        if (request.Bytes.IsEmpty && string.IsNullOrWhiteSpace(request.Flag.Text) && string.IsNullOrWhiteSpace(request.Flag.Reference))
        {
            return new FlagResult.Empty();
        }

        var marks = request.IdempotencyKey is { } key
            ? await scanner.Idempotency.MarkAsync(key with { Text = $"flag|{key.Text}" }, Identity(request), cancellationToken)
            : null;
        if (marks is not null && await scanner.Records.FindAnswerAsync(marks, cancellationToken) is { } answered)
        {
            return await RepeatAsync(answered.Answer, answered.IsSameRequest, cancellationToken);
        }

        var flag = await PrepareAsync(request, cancellationToken);
        var (taken, earlier) = await cases.FlagAsync(flag, scanner.Idempotency, marks, cancellationToken);
        return earlier is { } other
            ? await RepeatAsync(other.Answer, other.IsSameRequest, cancellationToken)
            : new FlagResult.Taken(taken!, flag.Source, flag.Verdict);
    }

    private async Task<IncomingUpload> PrepareAsync(FlagRequest request, CancellationToken cancellationToken)
    {
        var now = Moment.Of(clock);
        var flag = new IncomingUpload
        {
            Source = FlagId.New().ToString(),
            Service = request.Service,
            Verdict = null,

            // Whether the platform hides it meanwhile is the platform's affair: a complaint alone takes nothing down.
            IsHeld = false,
            CameAt = now,
            By = request.By,
            Gap = EvidenceGap.NoBytes,
            Facts = new CaseUploadFacts
            {
                ContentId = request.ContentId,
                UploaderToken = request.UploaderToken,
                UploadedAt = request.UploadedAt,
                FileName = request.FileName,
                Flag = request.Flag,
            },
        };
        if (request.Bytes.IsEmpty)
        {
            // The words and addresses that came with it are evidence by themselves.
            return await SealAsync(flag, default, FactsOf(request, flag, judged: null, now), cancellationToken);
        }

        var judged = (await scanner.ExamineAsync(request.Service, request.Bytes, cancellationToken))!;
        var facts = FactsOf(request, flag, judged, now);
        return await SealAsync(
            flag with
            {
                Verdict = judged.Verdict.Action,
                Gap = null,
                Facts = flag.Facts with
                {
                    Reasons = judged.Verdict.Reasons,
                    Matches = [.. judged.Verdict.Matches.Concat(judged.Verdict.ShadowMatches).Select(KeptMatch.Of)],
                    Digests = facts.Digests,
                },
            },
            request.Bytes,
            facts,
            cancellationToken);
    }

    private async Task<IncomingUpload> SealAsync(
        IncomingUpload flag, ReadOnlyMemory<byte> bytes, EvidenceFacts facts, CancellationToken cancellationToken) =>
        await cases.Intake.SealAsync(bytes, facts, cancellationToken) is { } staged
            ? flag with { Staged = staged }
            : flag with { Gap = EvidenceGap.NotSealed };

    private static EvidenceFacts FactsOf(FlagRequest request, IncomingUpload flag, JudgedUpload? judged, DateTimeOffset now)
    {
        var scan = new ScanRequest
        {
            Service = request.Service,
            Bytes = default,
            ContentId = request.ContentId,
            UploaderToken = request.UploaderToken,
            UploadedAt = request.UploadedAt,
            FileName = request.FileName,
            Network = request.Network,
            Context = [.. WordsOf(request.Flag), .. request.Context],
        };
        return judged is null
            ? new EvidenceFacts
            {
                Source = flag.Source,
                Service = request.Service,
                CapturedAt = now,
                Digests = new Dictionary<string, string>(StringComparer.Ordinal),
                ContentId = scan.ContentId,
                UploaderToken = scan.UploaderToken,
                UploadedAt = scan.UploadedAt,
                FileName = scan.FileName,
                Network = scan.Network,
                Context = scan.Context,
            }
            : Capture.Of(flag.Source, scan, judged, now);
    }

    private static IEnumerable<ContextItem> WordsOf(FlagFacts flag)
    {
        if (flag.Text is { } text)
        {
            yield return new ContextItem("flag", text, null);
        }

        if (flag.Reference is { } reference)
        {
            yield return new ContextItem("reference", reference, null);
        }
    }

    private async Task<FlagResult> RepeatAsync(
        IdempotencyWindow.Remembered answer, bool isSameRequest, CancellationToken cancellationToken)
    {
        if (!isSameRequest)
        {
            return new FlagResult.KeyReused();
        }

        var (found, verdict) = await cases.FindBySourceAsync(answer.ScanId, cancellationToken)
            ?? throw new StoreUnusableException("A remembered flag has no case. Restore the store from a backup.");
        return new FlagResult.Taken(found, answer.ScanId, verdict);
    }

    private static byte[] Identity(FlagRequest request) => System.Security.Cryptography.SHA256.HashData(
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new
        {
            request.Service,
            bytes = System.Security.Cryptography.SHA256.HashData(request.Bytes.Span),
            request.Flag,
            request.ContentId,
            request.UploaderToken,
            request.UploadedAt,
            request.FileName,
            request.Network,
            request.Context,
        }));
}
