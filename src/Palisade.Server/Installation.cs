using Palisade.Banks;
using Palisade.Banks.Fetching;
using Palisade.Decoding;
using Palisade.Keys;
using Palisade.Policy;
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
    private DecoderPool? _decoder;
    private Scanner? _scanner;

    private Installation(
        PalisadeOptions options, Store store, BankKey bankKey, TimeProvider clock, ILoggerFactory logs)
    {
        _logs = logs;
        Options = options;
        Store = store;
        BankKey = bankKey;
        Clock = clock;
        Banks = new BankRegistry(store, bankKey, clock);
        Index = new BankIndex(store, bankKey, clock, logs.CreateLogger<BankIndex>())
        {
            SnapshotFile = Path.Combine(options.Data, BankIndex.SnapshotFileName),
        };
        Keys = new ApiKeys(store, clock);
        Fetch = new UrlFetch(options.Fetch, clock);
    }

    public PalisadeOptions Options { get; }

    public TimeProvider Clock { get; }

    public Store Store { get; }

    public BankKey BankKey { get; }

    public BankRegistry Banks { get; }

    /// <summary>Every bank in memory, once <see cref="LoadBanksAsync"/> has been awaited.</summary>
    public BankIndex Index { get; }

    public ApiKeys Keys { get; }

    public UrlFetch Fetch { get; }

    /// <summary>The policy in force, once scanning has been prepared.</summary>
    public PolicyBook Policy { get; private set; } = null!;

    public DecoderPool Decoder => _decoder ?? throw NotPrepared();

    public Scanner Scanner => _scanner ?? throw NotPrepared();

    /// <summary>Opens the records of a data folder, which is made when it is not there.</summary>
    /// <exception cref="StoreUnusableException">The store or the bank key cannot be used; the text says what to do.</exception>
    public static async Task<Installation> OpenAsync(
        PalisadeOptions options, TimeProvider clock, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var store = await Store.OpenAsync(options.StoreOptions, clock, cancellationToken);
        try
        {
            var bankKey = await BankKey.OpenOrCreateAsync(options.Data, store, cancellationToken);
            return new Installation(options, store, bankKey, clock, logs);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the policy and starts the decoder, so that a scan is possible as soon as the banks are in memory.</summary>
    /// <exception cref="PolicyFileException">The policy has to be changed; the message says where and how.</exception>
    /// <exception cref="SandboxUnavailableException">Nothing confines the decoder here, and that was not accepted.</exception>
    public async Task PrepareScanningAsync(CancellationToken cancellationToken)
    {
        var policyFile = Path.Combine(Options.Data, PolicyBook.FileName);
        Policy = await PolicyBook.LoadAsync(policyFile, cancellationToken);
        if (Policy.CheckBanks(await Banks.ListAsync(cancellationToken)) is { Count: > 0 } problems)
        {
            throw new PolicyFileException(policyFile, problems);
        }

        _decoder = new DecoderPool(Options.DecoderInForce, Clock, _logs.CreateLogger<DecoderPool>());
        await _decoder.StartAsync(cancellationToken);
        _scanner = new Scanner(Policy, Index, _decoder, Store, BankKey, Clock);
    }

    /// <summary>Reads every bank into memory; from then on a scan is answered.</summary>
    public Task LoadBanksAsync(CancellationToken cancellationToken) => Index.LoadAsync(cancellationToken);

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

        Index.Dispose();
        Keys.Dispose();
        await Store.DisposeAsync();
        BankKey.Dispose();
    }

    private static InvalidOperationException NotPrepared() => new("Scanning has not been prepared; await PrepareScanningAsync first.");
}
