using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Review;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Testing;

/// <summary>Everything behind a verdict that is not clean, on a store of its own: the vault, the log, the cases, the records.</summary>
internal sealed class CaseRoom : IAsyncDisposable
{
    public static readonly Actor Anna = Actor.CommandLine("anna");

    private readonly TestStore? _owned;
    private readonly TimeProvider _clock;

    private CaseRoom(TestStore? owned, Store store, string folder, BankKey key, AuditLog audit, SealingKeys sealing, TimeProvider clock)
    {
        _owned = owned;
        _clock = clock;
        Store = store;
        Folder = folder;
        Key = key;
        Audit = audit;
        Sealing = sealing;
        Vault = new EvidenceVault(store, sealing, audit, Path.Combine(folder, EvidenceVault.FolderName), clock);
        Cases = new CaseBook(store, key, Vault, audit, new ReviewOptions(), clock, NullLogger<CaseBook>.Instance);
        Approvals = new ApprovalBook(store, key, audit, new ApprovalOptions(), clock);
        Idempotency = new IdempotencyWindow(store, Cases.ScanSeal, clock);
        Records = new ScanRecords(store, Cases.ScanSeal, Cases.Intake, Cases.Verdicts, Idempotency);
    }

    public Store Store { get; }

    public string Folder { get; }

    public BankKey Key { get; }

    public AuditLog Audit { get; }

    public SealingKeys Sealing { get; }

    public EvidenceVault Vault { get; }

    public CaseBook Cases { get; }

    public ApprovalBook Approvals { get; }

    public IdempotencyWindow Idempotency { get; }

    public ScanRecords Records { get; }

    public VerdictFeed Feed => Cases.Verdicts;

    public static async Task<CaseRoom> CreateAsync(TestEngine engine, TimeProvider clock)
    {
        var test = await TestStore.CreateAsync(engine, clock);
        return await OpenAsync(test, test.Store, test.Folder, clock);
    }

    /// <summary>The same store as another node sees it. Dispose the first room last.</summary>
    public async Task<CaseRoom> AnotherNodeAsync() => await OpenAsync(null, await _owned!.OpenAnotherAsync(), Folder, _clock);

    public ScanRecord Record(
        VerdictAction verdict, string? contentId = "canary content", string? sha256 = null, KeptMatch? match = null) => new()
        {
            Id = ScanId.New(),
            Service = "avatars",
            Verdict = verdict,
            IndexGeneration = 17,
            ScannedAt = DateTimeOffset.FromUnixTimeMilliseconds(_clock.GetUtcNow().ToUnixTimeMilliseconds()),
            Facts = new ScanFacts
            {
                ContentId = contentId,
                UploaderToken = "canary uploader",
                Reasons = [Reasons.MatchExact],
                Matches = match is null ? [new KeptMatch("canary-bank", "1", "md5", 0, 0, "original", 0, Shadow: false)] : [match],
                Digests = sha256 is null
                    ? new Dictionary<string, string>(StringComparer.Ordinal) { ["md5"] = "00112233445566778899aabbccddeeff" }
                    : new Dictionary<string, string>(StringComparer.Ordinal) { ["sha256"] = sha256 },
            },
        };

    /// <summary>Seals bytes and keeps the record with its case, as a scan does.</summary>
    public async Task<ScanRecord> ScanAsync(ScanRecord record, byte[]? bytes = null)
    {
        await Records.KeepAsync([await KeptAsync(record, bytes)], more: null, CancellationToken.None);
        return record;
    }

    public async Task<KeptScan> KeptAsync(ScanRecord record, byte[]? bytes = null)
    {
        var staged = bytes is null ? null : await Cases.Intake.SealAsync(bytes, FactsOf(record), CancellationToken.None);
        return new KeptScan(record, record.Verdict == VerdictAction.Allow ? null : new IncomingUpload
        {
            Source = record.Id.ToString(),
            Service = record.Service,
            Verdict = record.Verdict,
            IsHeld = record.Verdict == VerdictAction.Hold,
            CameAt = record.ScannedAt,
            By = Actor.ApiKey(12),
            Staged = staged,
            Gap = bytes is null ? EvidenceGap.NoBytes : staged is null ? EvidenceGap.NotSealed : null,
            Facts = new CaseUploadFacts
            {
                ContentId = record.Facts.ContentId,
                UploaderToken = record.Facts.UploaderToken,
                FileName = "canary name.jpg",
                Reasons = record.Facts.Reasons,
                Matches = record.Facts.Matches,
                Digests = record.Facts.Digests,
            },
        });
    }

    /// <summary>The newest case first.</summary>
    public async Task<IReadOnlyList<Case>> AllAsync() =>
        [.. (await Cases.ListAsync(new CaseQuery { Limit = 1000 }, CancellationToken.None)).Reverse()];

    public async ValueTask DisposeAsync()
    {
        Sealing.Dispose();
        Key.Dispose();
        if (_owned is not null)
        {
            await _owned.DisposeAsync();
        }
    }

    private static EvidenceFacts FactsOf(ScanRecord record) => new()
    {
        Source = record.Id.ToString(),
        Service = record.Service,
        CapturedAt = record.ScannedAt,
        Digests = record.Facts.Digests,
        FileName = "canary name.jpg",
        UploaderToken = record.Facts.UploaderToken,
    };

    internal static async Task<CaseRoom> OpenAsync(TestStore? owned, Store store, string folder, TimeProvider clock)
    {
        var key = await BankKey.OpenOrCreateAsync(folder, store, CancellationToken.None);
        var audit = new AuditLog(store, key, clock);
        var sealing = await TestKeys.CreateUnsealedAsync(store, key, audit, clock);
        return new CaseRoom(owned, store, folder, key, audit, sealing, clock);
    }
}
