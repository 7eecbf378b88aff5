using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Signals.Pdq;
using Palisade.Testing;

namespace Palisade.Tests.Scanning;

/// <summary>Real banks in a store of their own, read into memory when asked.</summary>
internal sealed class BanksInMemory : IAsyncDisposable
{
    private readonly TestStore _store;
    private readonly BankKey _key;

    private readonly ApprovalBook _approvals;

    private BanksInMemory(TestStore store, BankKey key, ApprovalBook approvals, BankRegistry registry)
    {
        _approvals = approvals;
        _store = store;
        _key = key;
        Registry = registry;
    }

    internal BankRegistry Registry { get; }

    internal static async Task<BanksInMemory> CreateAsync(TimeProvider clock)
    {
        var store = await TestStore.CreateAsync(TestEngine.Sqlite, clock);
        var key = await BankKey.OpenOrCreateAsync(store.Folder, store.Store, CancellationToken.None);
        var approvals = TwoPeople.BookOf(store.Store, key, clock);
        var registry = new BankRegistry(store.Store, key, new AuditLog(store.Store, key, clock), approvals, clock);
        return new BanksInMemory(store, key, approvals, registry);
    }

    internal async Task<Bank> BankAsync(string name, BankPurpose purpose = BankPurpose.Practice, BankSettings? settings = null)
    {
        var bank = await Registry.CreateAsync(
            (settings ?? new BankSettings()) with { Name = name, Owner = "tests", Purpose = purpose, AllowedAction = VerdictAction.Block },
            Actor.Palisade,
            CancellationToken.None);
        return Assert.IsType<Bank>(bank.Value);
    }

    internal async Task<Signal> AddAsync(Bank bank, SignalValue value, int? quality = null, PdqProfile? profile = null)
    {
        var added = await TwoPeople.AddAsync(_approvals, Registry, bank, [new NewSignal(value, profile, quality)]);
        return Assert.IsType<Signal>(added[0].Value);
    }

    /// <summary>Sets where a signal stands, with a second person where that needs one.</summary>
    internal async Task SetStateAsync(Signal signal, SignalState state, DateTimeOffset? until)
    {
        var changed = await TwoPeople.SetStateAsync(_approvals, Registry, signal.Id, state, until);
        Assert.False(changed.IsRefused);
    }

    internal async Task<IndexGeneration> GenerationAsync(TimeProvider clock)
    {
        using var index = new BankIndex(_store.Store, _key, clock, NullLogger<BankIndex>.Instance);
        await index.LoadAsync(CancellationToken.None);
        return index.Current;
    }

    public async ValueTask DisposeAsync()
    {
        _key.Dispose();
        await _store.DisposeAsync();
    }
}
