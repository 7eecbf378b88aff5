using System.Data.Common;
using Dapper;
using Palisade.Storage;

namespace Palisade.Review;

/// <summary>Decisions that wait for their undo time to pass.</summary>
internal static class WaitingDecisions
{
    public static Task AddAsync(DbTransaction transaction, CaseId id, long position, DateTimeOffset effectiveAt) =>
        transaction.Connection!.ExecuteAsync(
            "INSERT INTO case_decision_waiting (case_id, position, effective_at) VALUES (@id, @position, @at)",
            new { id = id.ToString(), position, at = effectiveAt.ToUnixTimeMilliseconds() },
            transaction);

    /// <returns>False when there was none: it is effective or undone.</returns>
    public static async Task<bool> RemoveAsync(DbTransaction transaction, CaseId id) => await transaction.Connection!.ExecuteAsync(
        "DELETE FROM case_decision_waiting WHERE case_id = @id", new { id = id.ToString() }, transaction) > 0;

    public static async Task<bool> IsWaitingAsync(DbTransaction transaction, CaseId id) =>
        await transaction.Connection!.QuerySingleAsync<long>(
            "SELECT COUNT(*) FROM case_decision_waiting WHERE case_id = @id", new { id = id.ToString() }, transaction) > 0;

    public static async Task<IReadOnlyList<CaseId>> DueAsync(DbConnection connection, DateTimeOffset now) =>
    [
        .. (await connection.QueryAsync<string>(
            "SELECT case_id FROM case_decision_waiting WHERE effective_at <= @now ORDER BY effective_at LIMIT 200",
            new { now = now.ToUnixTimeMilliseconds() })).Select(text => CaseId.TryParse(text, out var id)
                ? id
                : throw new StoreUnusableException("The id of a case is damaged. Restore the store from a backup.")),
    ];

    /// <returns>When the next one becomes effective; null when none waits.</returns>
    public static async Task<DateTimeOffset?> NextAsync(DbConnection connection) =>
        Moment.At(await connection.QuerySingleAsync<long?>("SELECT MIN(effective_at) FROM case_decision_waiting"));
}
