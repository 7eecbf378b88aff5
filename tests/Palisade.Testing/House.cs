using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Backup;
using Palisade.Banks;
using Palisade.Evidence;
using Palisade.Evidence.Custody;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Review;
using Palisade.Scanning;
using Palisade.Signals.Pdq;
using Palisade.Storage;
using Palisade.Verification;

namespace Palisade.Testing;

/// <summary>Every room over one data folder, as the service has them, and ways to fill it with synthetic bytes.</summary>
public sealed class House : IAsyncDisposable
{
    public static readonly Actor Anna = Actor.CommandLine("anna");
    public static readonly Actor Ben = Actor.CommandLine("ben");

    private readonly TimeProvider _clock;

    private House(
        string folder, Store store, BankKey bankKey, AuditLog audit, AuditSequencer sequencer, SealingKeys keys, ApprovalOptions approvals, TimeProvider clock)
    {
        _clock = clock;
        Folder = folder;
        Store = store;
        BankKey = bankKey;
        Audit = audit;
        Sequencer = sequencer;
        Keys = keys;
        Vault = new EvidenceVault(store, keys, audit, Path.Combine(folder, EvidenceVault.FolderName), clock);
        Cases = new CaseBook(store, bankKey, Vault, audit, new ReviewOptions(), clock, NullLogger<CaseBook>.Instance);
        Approvals = new ApprovalBook(store, bankKey, audit, approvals, clock);
        Banks = new BankRegistry(store, bankKey, audit, Approvals, clock);
    }

    public string Folder { get; }

    public Store Store { get; }

    public BankKey BankKey { get; }

    public AuditLog Audit { get; }

    public AuditSequencer Sequencer { get; }

    public SealingKeys Keys { get; }

    public EvidenceVault Vault { get; }

    public CaseBook Cases { get; }

    public ApprovalBook Approvals { get; }

    public BankRegistry Banks { get; }

    public CustodyExport Export => new(Store, Audit, Sequencer, new AuditOptions(), Approvals, Keys, Vault, Cases, _clock);

    public StoreOptions StoreOptions => new() { Folder = Folder };

    public static async Task<House> OpenAsync(string folder, TimeProvider clock, ApprovalOptions? approvals = null)
    {
        var store = await Store.OpenAsync(new StoreOptions { Folder = folder }, clock, default);
        var bankKey = await BankKey.OpenOrCreateAsync(folder, store, default);
        var audit = new AuditLog(store, bankKey, clock);
        var sequencer = await AuditSequencer.OpenAsync(
            folder, audit, bankKey, new AuditOptions { Origin = "tests/house" }, clock, NullLogger<AuditSequencer>.Instance, default);
        var keys = await TestKeys.CreateUnsealedAsync(store, bankKey, audit, clock);
        return new House(folder, store, bankKey, audit, sequencer, keys, approvals ?? new ApprovalOptions(), clock);
    }

    /// <summary>Bytes that look like nothing, the same for the same seed.</summary>
    public static byte[] Bytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A scan that is held: record, feed, case, sealed evidence and audit entries, as the scanner keeps them.</summary>
    public async Task<(ScanId Scan, CaseId Case, EvidenceId Evidence)> HoldAsync(int seed, int bytes = 3000)
    {
        var (scan, now) = (ScanId.New(), _clock.GetUtcNow());
        var content = Bytes(seed, bytes);
        var digests = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["sha256"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)),
        };
        using var staged = await Vault.StageAsync(
            content,
            new EvidenceFacts
            {
                Source = scan.ToString(),
                Service = "avatars",
                CapturedAt = now,
                Digests = digests,
                FileName = "<b>hill & sea</b>.jpg",
                UploaderToken = string.Create(CultureInfo.InvariantCulture, $"uploader-{seed}"),
            },
            default);
        var record = new ScanRecord
        {
            Id = scan,
            Service = "avatars",
            Verdict = VerdictAction.Hold,
            IndexGeneration = 1,
            ScannedAt = now,
            Facts = new ScanFacts { Reasons = ["synthetic"], Matches = [], Digests = digests },
        };
        var incoming = new IncomingUpload
        {
            Source = scan.ToString(),
            Service = "avatars",
            Verdict = VerdictAction.Hold,
            IsHeld = true,
            Facts = new CaseUploadFacts { Reasons = ["synthetic"], Digests = digests },
            CameAt = now,
            By = Actor.ApiKey(1),
            Staged = staged,
        };
        var records = new ScanRecords(Store, Cases.ScanSeal, Cases.Intake, Cases.Verdicts, idempotency: null!);
        await records.KeepAsync([new KeptScan(record, incoming)], more: null, default);
        var found = await Cases.FindBySourceAsync(scan.ToString(), default);
        return (scan, found!.Value.Case.Id, staged.Id);
    }

    /// <summary>A bank with some signals.</summary>
    public async Task<Bank> BankAsync(string name, int signals)
    {
        var created = await Banks.CreateAsync(
            new BankSettings { Name = name, Owner = "tests", Purpose = BankPurpose.Practice, AllowedAction = VerdictAction.Hold }, Anna, default);
        for (var seed = 0; seed < signals; seed++)
        {
            var value = new SignalValue(PdqHash.FromBytes(Bytes(seed, PdqHash.ByteCount)));
            Assert.False((await Banks.AddSignalAsync(created.Value!.Id, new NewSignal(value, null, 100), Anna, default)).IsRefused);
        }

        return created.Value!;
    }

    /// <summary>A few of everything, signed.</summary>
    public async Task FillAsync(int cases, int firstSeed = 0)
    {
        for (var seed = firstSeed; seed < firstSeed + cases; seed++)
        {
            var (_, id, _) = await HoldAsync(seed);
            await Cases.AddNoteAsync(id, "looked at, synthetic", Anna, default);
        }

        await SignAsync();
    }

    public async Task SignAsync() => Assert.False(await Sequencer.SignAsync(default) is SigningOutcome.Refused, Sequencer.Fault?.Explanation);

    public Task<(VerificationReport Report, List<Finding> Findings)> VerifyAsync() => VerifyAsync(Folder, _clock);

    /// <summary>Verifies a folder that nobody need have open.</summary>
    public static async Task<(VerificationReport Report, List<Finding> Findings)> VerifyAsync(
        string folder, TimeProvider clock, OperatorSecret? secret = null)
    {
        var findings = new List<Finding>();
        var report = await new Verifier(new StoreOptions { Folder = folder }, clock).RunAsync(findings.Add, NoProgress, secret, default);
        return (report, findings);
    }

    public async Task<BackupManifest> BackUpAsync(string target, bool withKeys = false)
    {
        await using var to = BackupTarget.Open(target, _clock.GetUtcNow());
        return await new BackupRun(Store, Audit, Folder, _clock).RunAsync(to, withKeys, Anna, NoProgress, default);
    }

    public static IProgress<ByteProgress> NoProgress { get; } = new Silence();

    public async ValueTask DisposeAsync()
    {
        Keys.Dispose();
        Sequencer.Dispose();
        await Store.DisposeAsync();
        BankKey.Dispose();
    }

    private sealed class Silence : IProgress<ByteProgress>
    {
        public void Report(ByteProgress value)
        {
        }
    }
}
