using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Banks.Importing;
using Palisade.Policy;
using Palisade.Storage;

namespace Palisade.Banks;

/// <summary>Which acts on banks need a second person, and exactly what that person approves.</summary>
internal sealed record BankApproval(TwoPersonOperation Operation, string Subject, byte[] Content)
{
    /// <summary>Takes the approval, or says why the act may not be done. Call it before anything is changed.</summary>
    public static async Task<BankRefused?> RefuseAsync(
        DbTransaction transaction, ApprovalBook approvals, BankApproval needed, long? approval, Actor by)
    {
        if (approval is not { } id)
        {
            return new BankRefused.SecondPersonNeeded(needed.Operation, needed.Subject, needed.Content);
        }

        // The approval is logged before the change is numbered, so this line is stood in first; see Sequences.
        await Sequences.TakeAsync(transaction, BankChangeLog.Feed, count: 0);
        return await approvals.SpendAsync(transaction, id, needed.Operation, needed.Subject, needed.Content, by) is { } why
            ? new BankRefused.NotApproved(why)
            : null;
    }

    public static BankApproval ToRemove(Bank bank) => Of(TwoPersonOperation.RemoveBank, bank.Id, $"remove {bank.Name}");

    /// <summary>For a change after which the bank's signals lead to nothing any more: as good as emptying it.</summary>
    /// <returns>Null when one person may make it.</returns>
    public static BankApproval? For(Bank before, Bank after) => IsSilent(after) && !IsSilent(before)
        ? Of(
            TwoPersonOperation.RemoveBank,
            after.Id,
            string.Create(CultureInfo.InvariantCulture, $"silence: action {Words.Of(after.AllowedAction)}, ratio {after.EnabledRatio:R}"))
        : null;

    public static BankApproval ToAdd(Bank bank, IReadOnlyList<NewSignal> signals) => Of(
        TwoPersonOperation.AddNeverMatch,
        bank.Id,
        string.Join('\n', signals.Select(signal => $"{Words.Of(signal.Value.Type)} {Convert.ToHexStringLower(signal.Value.ToBytes())}")));

    /// <summary>For a list that teaches matching to look away, or takes back half of what a bank holds or more.</summary>
    /// <returns>Null when one person may make it live.</returns>
    public static BankApproval? For(Bank bank, ImportPreview import)
    {
        var content = string.Create(
            CultureInfo.InvariantCulture, $"import {import.SourceSha256} adds {import.Added} withdraws {import.Withdrawn}");
        return bank.Purpose == BankPurpose.NeverMatch
            ? import.Added > 0 ? Of(TwoPersonOperation.AddNeverMatch, bank.Id, content) : null
            : import.Withdrawn > 0 && import.Withdrawn * 2 >= import.Held ? Of(TwoPersonOperation.RemoveBank, bank.Id, content) : null;
    }

    /// <summary>For a change of one signal that empties its bank, or makes a never-match entry live.</summary>
    /// <returns>Null when one person may do it.</returns>
    public static async Task<BankApproval?> ForAsync(DbTransaction transaction, Signal signal, SignalState state)
    {
        var connection = transaction.Connection!;
        var content = string.Create(CultureInfo.InvariantCulture, $"signal {signal.Id} {Words.Of(state)}");
        var isNeverMatch = (await BankTable.FindAsync(connection, signal.Bank, transaction))?.Purpose == BankPurpose.NeverMatch;
        if (isNeverMatch)
        {
            return state == SignalState.Live && signal.State != SignalState.Live
                ? Of(TwoPersonOperation.AddNeverMatch, signal.Bank, content)
                : null;
        }

        return state == SignalState.Withdrawn && signal.State != SignalState.Withdrawn && await connection.QuerySingleAsync<long>(
            "SELECT COUNT(*) FROM (SELECT 1 FROM signal_now WHERE bank_id = @bank AND id <> @id AND state <> 3 LIMIT 1) AS others",
            new { bank = signal.Bank.Number, id = signal.Id.Number },
            transaction) == 0
            ? Of(TwoPersonOperation.RemoveBank, signal.Bank, content)
            : null;
    }

    private static bool IsSilent(Bank bank) =>
        bank.Purpose != BankPurpose.NeverMatch && (bank.EnabledRatio == 0 || bank.AllowedAction == VerdictAction.Allow);

    private static BankApproval Of(TwoPersonOperation operation, BankId bank, string content) =>
        new(operation, $"bank/{bank}", SHA256.HashData(Encoding.UTF8.GetBytes(content)));
}
