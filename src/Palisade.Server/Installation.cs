using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Banks.Fetching;
using Palisade.Banks.Regions;
using Palisade.CyberTipline;
using Palisade.Decoding;
using Palisade.Evidence;
using Palisade.Evidence.Holds;
using Palisade.Evidence.Holds.Destruction;
using Palisade.Evidence.Holds.Retention;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Protection;
using Palisade.Reporting;
using Palisade.Review;
using Palisade.Review.Webhook;
using Palisade.Scanning;
using Palisade.Server.Options;
using Palisade.Storage;

namespace Palisade.Server;

/// <summary>
/// One data folder, opened: its records first, and matching when it is asked for. The commands, the server and the demo
/// all stand on this.
/// </summary>
public sealed class Installation : IAsyncDisposable
{
    private readonly ILoggerFactory _logs;
    private readonly WebhookSender? _webhookSender;
    private DecoderPool? _decoder;
    private Scanner? _scanner;

    private Installation(
        PalisadeOptions options, Store store, BankKey bankKey, AuditLog audit, AuditSequencer sequencer, SealingKeys sealing,
        TimeProvider clock, ILoggerFactory logs)
    {
        _logs = logs;
        Options = options;
        Store = store;
        BankKey = bankKey;
        Clock = clock;
        Audit = audit;
        Sealing = sealing;
        Evidence = new EvidenceVault(store, sealing, audit, Path.Combine(options.Data, EvidenceVault.FolderName), clock);
        Sequencer = sequencer;
        Index = new BankIndex(store, bankKey, clock, logs.CreateLogger<BankIndex>())
        {
            SnapshotFile = Path.Combine(options.Data, BankIndex.SnapshotFileName),
        };
        RegionIndex = new RegionBankIndex(store, bankKey, clock, logs.CreateLogger<RegionBankIndex>())
        {
            SnapshotFile = Path.Combine(options.Data, RegionBankIndex.SnapshotFileName),
        };
        Regions = new RegionRegister(store, bankKey, audit, clock);
        RegionBacklog = new RegionBacklog(store, bankKey, options.Regions, clock);
        Keys = new ApiKeys(store, audit, clock);
        Fetch = new UrlFetch(options.Fetch, clock);
        Cases = new CaseBook(store, bankKey, Evidence, audit, options.Review, clock, logs.CreateLogger<CaseBook>());
        Approvals = new ApprovalBook(store, bankKey, audit, options.Approvals, clock);
        Holds = new HoldBook(store, bankKey, Cases, audit, Approvals, clock);
        Reports = new ReportBook(store, bankKey, Cases, Holds, audit, options.Reporting, clock);
        Destructions = new DestructionBook(store, bankKey, Evidence, Holds, audit, Approvals, options.Sweep, clock);
        RetentionChoices = new RetentionChoices(store, bankKey, audit, clock);
        Banks = new BankRegistry(store, bankKey, audit, Approvals, clock);
        Protections = new ProtectionBook(store, bankKey, Banks, Regions, audit, clock);
        if (options.Webhook.IsOn)
        {
            _webhookSender = new WebhookSender(options.Webhook, clock);
            Webhook = new WebhookCourier(
                store, new WebhookOutbox(store, clock), Cases.Verdicts, _webhookSender, clock, logs.CreateLogger<WebhookCourier>());
        }
    }

    public PalisadeOptions Options { get; }

    public TimeProvider Clock { get; }

    public Store Store { get; }

    public BankKey BankKey { get; }

    /// <summary>Who did what, in an order that cannot be rewritten quietly.</summary>
    public AuditLog Audit { get; }

    /// <summary>Makes the audit log's tree and signs it.</summary>
    public AuditSequencer Sequencer { get; }

    /// <summary>The pair that evidence is sealed with; sealed until somebody unseals.</summary>
    public SealingKeys Sealing { get; }

    public EvidenceVault Evidence { get; }

    public CaseBook Cases { get; }

    public ApprovalBook Approvals { get; }

    public HoldBook Holds { get; }

    /// <summary>What goes to an authority; drafts follow from decisions while reporting is on.</summary>
    public ReportBook Reports { get; }

    public DestructionBook Destructions { get; }

    public RetentionChoices RetentionChoices { get; }

    /// <summary>Tells the platform of each verdict and decision; null while the webhook is off.</summary>
    public WebhookCourier? Webhook { get; }

    public BankRegistry Banks { get; }

    /// <summary>Photos that somebody wants watched.</summary>
    public ProtectionBook Protections { get; }

    /// <summary>Every bank in memory, once <see cref="LoadBanksAsync"/> has been awaited.</summary>
    public BankIndex Index { get; }

    /// <summary>The region codes of every bank in memory, where a service of the policy asks for them.</summary>
    public RegionBankIndex RegionIndex { get; }

    public RegionRegister Regions { get; }

    /// <summary>Uploads whose regions are compared after their answer.</summary>
    public RegionBacklog RegionBacklog { get; }

    public ApiKeys Keys { get; }

    public UrlFetch Fetch { get; }

    /// <summary>The policy in force, once scanning has been prepared.</summary>
    public PolicyBook Policy { get; private set; } = null!;

    /// <summary>The laws in force for each surface, once scanning has been prepared.</summary>
    public RetentionBook Retention { get; private set; } = null!;

    public DecoderPool Decoder => _decoder ?? throw NotPrepared();

    /// <summary>Whether some service asks for regions; without one their codes stay out of memory.</summary>
    public bool UsesRegions => Policy.AsksForRegions;

    public Scanner Scanner => _scanner ?? throw NotPrepared();

    /// <summary>Where people's complaints go.</summary>
    public Flags Flags => new(Cases, Scanner, Policy, Clock);

    /// <summary>Sends reports with this client, which speaks with one environment alone.</summary>
    public ReportCourier CourierBy(CyberTiplineClient client) => new(
        Store, Reports, Evidence, Holds, Sealing, client, Options.Reporting, FileViews.None, Clock, _logs.CreateLogger<ReportCourier>());

    /// <summary>Reads which laws each surface is under, having written the commented default when there is no such file.</summary>
    /// <exception cref="RetentionFileException">The file has to be changed or put back; the message says where and how.</exception>
    public async Task<RetentionBook> LoadRetentionAsync(CancellationToken cancellationToken)
    {
        // The default may well destroy what a lost file would have kept.
        if (!File.Exists(RetentionFile) && await PolicyHistory.HasBeenAsync(Audit, PolicyHistory.Retention, cancellationToken))
        {
            throw new RetentionFileException(
                RetentionFile,
                ["It is missing, and this store has had one. Put it back from its backup; or write a new one, beginning with the default of docs/operations/holds.md."]);
        }

        return await RetentionBook.LoadAsync(RetentionFile, cancellationToken);
    }

    public EvidenceRegister RegisterOf(RetentionBook retention) =>
        new(Store, Evidence, Cases, Holds, retention, RetentionChoices);

    public EvidenceSweep SweepBy(RetentionBook retention) => new(
        Store, Evidence, Cases, Holds, RegisterOf(retention), Destructions, retention, RetentionChoices, Audit, Options.Sweep, Clock);

    private string RetentionFile => Path.Combine(Options.Data, RetentionBook.FileName);

    /// <summary>Opens the records of a data folder, which is made when it is not there.</summary>
    /// <exception cref="StoreUnusableException">The store or the bank key cannot be used; the text says what to do.</exception>
    public static async Task<Installation> OpenAsync(
        PalisadeOptions options, TimeProvider clock, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var store = await Store.OpenAsync(options.StoreOptions, clock, cancellationToken);
        try
        {
            var bankKey = await BankKey.OpenOrCreateAsync(options.Data, store, cancellationToken);
            var audit = new AuditLog(store, bankKey, clock);
            var sequencer = await AuditSequencer.OpenAsync(
                options.Data, audit, bankKey, options.Audit, clock, logs.CreateLogger<AuditSequencer>(), cancellationToken);
            var sealing = await SealingKeys.OpenAsync(store, bankKey, audit, clock, cancellationToken);
            return new Installation(options, store, bankKey, audit, sequencer, sealing, clock, logs);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads policy and laws and starts the decoder, so that a scan is possible as soon as the banks are in memory.</summary>
    /// <exception cref="PolicyFileException">The policy has to be changed; the message says where and how.</exception>
    /// <exception cref="RetentionFileException">The laws of a surface have to be changed, or a choice between two of them recorded.</exception>
    /// <exception cref="SandboxUnavailableException">Nothing confines the decoder here, and that was not accepted.</exception>
    public async Task PrepareScanningAsync(CancellationToken cancellationToken)
    {
        var policyFile = Path.Combine(Options.Data, PolicyBook.FileName);
        Policy = await PolicyBook.LoadAsync(policyFile, cancellationToken);
        if (Policy.CheckBanks(await Banks.ListAsync(cancellationToken)) is { Count: > 0 } problems)
        {
            throw new PolicyFileException(policyFile, problems);
        }

        await PolicyHistory.NoteAsync(Audit, Store, PolicyHistory.Policy, policyFile, cancellationToken);
        Retention = await LoadRetentionAsync(cancellationToken);
        Retention.CheckSettled(RetentionFile, await RetentionChoices.ListAsync(cancellationToken));
        await PolicyHistory.NoteAsync(Audit, Store, PolicyHistory.Retention, RetentionFile, cancellationToken);

        _decoder = new DecoderPool(Options.DecoderInForce, Clock, _logs.CreateLogger<DecoderPool>());
        await _decoder.StartAsync(cancellationToken);
        var regions = UsesRegions ? new RegionStage(Index, RegionIndex, _decoder, Options.Regions, Clock) : null;
        _scanner = new Scanner(Policy, Index, _decoder, regions, RegionBacklog, Store, BankKey, Cases, Clock);
    }

    /// <summary>Reads every bank into memory; from then on a scan is answered.</summary>
    public async Task LoadBanksAsync(CancellationToken cancellationToken)
    {
        await Index.LoadAsync(cancellationToken);
        if (UsesRegions)
        {
            await RegionIndex.LoadAsync(cancellationToken);
        }
    }

    /// <summary>Both of the above, for a command that scans and ends.</summary>
    public async Task StartScanningAsync(CancellationToken cancellationToken)
    {
        await PrepareScanningAsync(cancellationToken);
        await LoadBanksAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_decoder is not null)
        {
            await _decoder.DisposeAsync();
        }

        _webhookSender?.Dispose();
        Index.Dispose();
        RegionIndex.Dispose();
        Keys.Dispose();
        Sealing.Dispose();
        Sequencer.Dispose();
        await Store.DisposeAsync();
        BankKey.Dispose();
    }

    private static InvalidOperationException NotPrepared() => new("Scanning has not been prepared; await PrepareScanningAsync first.");
}
