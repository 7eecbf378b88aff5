using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Testing;

/// <summary>Two people who do together what nobody does alone.</summary>
public static class TwoPeople
{
    public static readonly Actor Anna = Actor.CommandLine("anna");
    public static readonly Actor Bert = Actor.CommandLine("bert");

    public static ApprovalBook BookOf(Store store, BankKey key, TimeProvider clock, ApprovalOptions? options = null) =>
        new(store, key, new AuditLog(store, key, clock), options ?? new ApprovalOptions(), clock);

    /// <summary>Anna asks, Bert approves.</summary>
    public static async Task<long> ApproveAsync(ApprovalBook approvals, BankRefused refusal)
    {
        var needed = Assert.IsType<BankRefused.SecondPersonNeeded>(refusal);
        var id = await approvals.RequestAsync(
            needed.Operation, needed.Subject, needed.Content, Anna, "for a test", CancellationToken.None);
        Assert.Null(await approvals.ApproveAsync(id, Bert, CancellationToken.None));
        return id;
    }

    /// <summary>Adds signals, with an approval where the bank needs one.</summary>
    public static async Task<IReadOnlyList<BankAnswer<Signal>>> AddAsync(
        ApprovalBook approvals, BankRegistry banks, Bank bank, IReadOnlyList<NewSignal> signals)
    {
        var alone = await banks.AddSignalsAsync(bank.Id, signals, Anna, CancellationToken.None);
        return alone[0].Refusal is BankRefused.SecondPersonNeeded needed
            ? await banks.AddSignalsAsync(bank.Id, signals, await ApproveAsync(approvals, needed), Anna, CancellationToken.None)
            : alone;
    }

    public static async Task<BankAnswer<Bank>> RemoveAsync(ApprovalBook approvals, BankRegistry banks, BankId bank)
    {
        var alone = await banks.RemoveAsync(bank, Anna, CancellationToken.None);
        return alone.Refusal is BankRefused.SecondPersonNeeded needed
            ? await banks.RemoveAsync(bank, await ApproveAsync(approvals, needed), Anna, CancellationToken.None)
            : alone;
    }

    public static async Task<BankAnswer<Signal>> SetStateAsync(
        ApprovalBook approvals, BankRegistry banks, SignalId signal, SignalState state, DateTimeOffset? until = null)
    {
        var alone = await banks.SetSignalStateAsync(signal, state, until, Anna, CancellationToken.None);
        return alone.Refusal is BankRefused.SecondPersonNeeded needed
            ? await banks.SetSignalStateAsync(
                signal, state, until, await ApproveAsync(approvals, needed), Anna, CancellationToken.None)
            : alone;
    }
}
