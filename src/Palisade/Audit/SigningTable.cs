using System.Data.Common;
using Dapper;

namespace Palisade.Audit;

/// <summary>
/// The one row that says which log the store belongs to, who may sign it, and what was signed last. A checkpoint counts from
/// when it stands here; the file in the folder follows.
/// </summary>
internal static class SigningTable
{
    /// <summary>A signer that is not heard of for so long has lost its turn.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private const string Select =
        """
        SELECT log_key AS LogKey, holder AS Holder, lease_ends_at AS LeaseEndsAt, fence AS Fence, wanted_size AS WantedSize,
               checkpoint AS Checkpoint
        FROM audit_signing WHERE id = 1
        """;

    public static Task<SigningRow?> ReadAsync(DbConnection connection) => connection.QuerySingleOrDefaultAsync<SigningRow?>(Select);

    /// <summary>Takes the lease or keeps it; whoever takes it from another gets a new fence.</summary>
    /// <returns>The row as it is now; the lease is the caller's when it names the caller as holder.</returns>
    public static async Task<SigningRow> TakeLeaseAsync(DbTransaction transaction, string logKey, string holder, DateTimeOffset now)
    {
        var connection = transaction.Connection!;
        await connection.ExecuteAsync(
            """
            INSERT INTO audit_signing (id, log_key, lease_ends_at, fence, wanted_size, checkpoint) VALUES (1, @logKey, 0, 0, 0, '')
            ON CONFLICT (id) DO NOTHING
            """,
            new { logKey },
            transaction);

        // One that ends later than any lease can was taken under a clock that stood wrong, so it is not waited for.
        await connection.ExecuteAsync(
            """
            UPDATE audit_signing SET
                fence = CASE WHEN holder = @holder THEN fence ELSE fence + 1 END, holder = @holder, lease_ends_at = @ends
            WHERE id = 1 AND (holder IS NULL OR holder = @holder OR lease_ends_at <= @now OR lease_ends_at > @ends)
            """,
            new { holder, now = now.ToUnixTimeMilliseconds(), ends = (now + Lease).ToUnixTimeMilliseconds() },
            transaction);
        return await connection.QuerySingleAsync<SigningRow>(Select, transaction: transaction);
    }

    /// <summary>Puts a checkpoint in the place of the one it follows, unless somebody else has the lease by now.</summary>
    public static async Task<bool> PublishAsync(DbTransaction transaction, SigningRow held, string checkpoint) =>
        await transaction.Connection!.ExecuteAsync(
            """
            UPDATE audit_signing SET checkpoint = @published
            WHERE id = 1 AND holder = @Holder AND fence = @Fence AND checkpoint = @Checkpoint
            """,
            new { published = checkpoint, held.Holder, held.Fence, held.Checkpoint },
            transaction) == 1;

    public static Task ReleaseAsync(DbTransaction transaction, string holder) => transaction.Connection!.ExecuteAsync(
        "UPDATE audit_signing SET holder = NULL, lease_ends_at = 0 WHERE id = 1 AND holder = @holder", new { holder }, transaction);

    /// <summary>Writes down again what was signed last, for a store that was set back.</summary>
    public static Task RestoreAsync(DbTransaction transaction, string logKey, string checkpoint) => transaction.Connection!.ExecuteAsync(
        """
        INSERT INTO audit_signing (id, log_key, lease_ends_at, fence, wanted_size, checkpoint) VALUES (1, @logKey, 0, 1, 0, @checkpoint)
        ON CONFLICT (id) DO UPDATE SET
            checkpoint = excluded.checkpoint, holder = NULL, lease_ends_at = 0, fence = audit_signing.fence + 1
        """,
        new { logKey, checkpoint },
        transaction);

    /// <summary>Asks whoever signs to do so before the minute is over.</summary>
    public static Task WantAsync(DbTransaction transaction, long size) => transaction.Connection!.ExecuteAsync(
        "UPDATE audit_signing SET wanted_size = @size WHERE id = 1 AND wanted_size < @size", new { size }, transaction);
}

/// <param name="LogKey">The log's public key, as in audit.pub.</param>
/// <param name="Fence">Grows whenever the lease goes to another.</param>
/// <param name="WantedSize">Somebody asked for a checkpoint of at least so many entries.</param>
/// <param name="Checkpoint">The last that was signed; empty before the first.</param>
internal sealed record SigningRow(
    string LogKey, string? Holder, long LeaseEndsAt, long Fence, long WantedSize, string Checkpoint);
