using System.Data.Common;
using Dapper;

namespace Palisade.Storage;

/// <summary>
/// Numbers without gaps, given inside the transaction that uses them.
/// </summary>
/// <remarks>
/// A transaction that takes a number holds the sequence's row until it commits or is undone. So numbers become visible
/// in their order, none is missing, and a reader that has seen number n will never find a smaller one later. It also
/// means that writers of one sequence stand in line. Two writers that stand in two lines the other way round would wait for
/// each other for ever, so everybody takes them in this order and leaves out what he does not need: bank, signal,
/// bank_change, review_case, verdict_change, approval, and last of all audit. A count of 0 takes a place in line and no
/// number: whoever needs a later line before an earlier one (an approval is spent, and logged, before its act) stands in the
/// earlier ones first.
/// </remarks>
public static class Sequences
{
    /// <summary>Takes the next <paramref name="count"/> numbers and returns the first; a new sequence begins at 1.</summary>
    public static async Task<long> TakeAsync(DbTransaction transaction, string name, long count = 1)
    {
        var last = await transaction.Connection!.QuerySingleAsync<long>(
            """
            INSERT INTO sequence (name, value) VALUES (@name, @count)
            ON CONFLICT (name) DO UPDATE SET value = sequence.value + excluded.value
            RETURNING value
            """,
            new { name, count },
            transaction);
        return last - count + 1;
    }

    /// <summary>The last number given, 0 when none was.</summary>
    public static async Task<long> LastAsync(DbConnection connection, string name) =>
        await connection.QuerySingleOrDefaultAsync<long?>("SELECT value FROM sequence WHERE name = @name", new { name }) ?? 0;
}
