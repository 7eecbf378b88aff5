using System.Data.Common;
using Dapper;

namespace Palisade.Banks;

/// <summary>How many signals of a bank are in each state.</summary>
public sealed record SignalCounts(long Live, long Probation, long Disabled, long Withdrawn)
{
    public static SignalCounts None { get; } = new(0, 0, 0, 0);

    /// <summary>All that can match now or later.</summary>
    public long NotWithdrawn => Live + Probation + Disabled;

    internal static async Task<IReadOnlyDictionary<BankId, SignalCounts>> ReadAsync(DbConnection connection)
    {
        var rows = await connection.QueryAsync<Row>(
            "SELECT bank_id AS BankId, state AS State, COUNT(*) AS Signals FROM signal_now GROUP BY bank_id, state");
        return rows.GroupBy(row => new BankId(row.BankId)).ToDictionary(bank => bank.Key, Of);
    }

    private static SignalCounts Of(IEnumerable<Row> rows)
    {
        var byState = rows.ToDictionary(row => (SignalState)row.State, row => row.Signals);
        return new SignalCounts(
            byState.GetValueOrDefault(SignalState.Live),
            byState.GetValueOrDefault(SignalState.Probation),
            byState.GetValueOrDefault(SignalState.Disabled),
            byState.GetValueOrDefault(SignalState.Withdrawn));
    }

    private sealed record Row
    {
        public long BankId { get; init; }

        public long State { get; init; }

        public long Signals { get; init; }
    }
}
