using Dapper;
using Palisade.Audit;
using Palisade.Storage;

namespace Palisade.Banks;

/// <summary>
/// Ends the probation of imported lists: by itself after 24 hours and 10,000 uploads, or by a person.
/// </summary>
/// <remarks>
/// Uploads are counted for the whole deployment: each node adds what it has matched from time to time, so a crash loses some
/// of the count and makes probation longer, never shorter. Ending it changes one row, however long the list is.
/// </remarks>
public sealed class Probation(Store store, AuditLog audit, TimeProvider clock)
{
    public static readonly TimeSpan LeastTime = TimeSpan.FromHours(24);

    public const long LeastUploads = 10_000;

    /// <summary>Adds uploads that were matched against the banks. Call every minute or so, not for each upload.</summary>
    public Task CountUploadsAsync(long uploads, CancellationToken cancellationToken) => store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            "UPDATE matched_uploads SET uploads = uploads + @uploads WHERE id = 1", new { uploads }, transaction),
        cancellationToken);

    /// <summary>Ends every probation that has lasted long enough. Run now and then; any node may.</summary>
    /// <returns>The imports whose probation ended.</returns>
    public Task<IReadOnlyList<long>> SweepAsync(CancellationToken cancellationToken) => EndAsync(
        """
        AND live_at <= @before AND uploads_at_live + @LeastUploads <= (SELECT uploads FROM matched_uploads WHERE id = 1)
        """,
        import: null,
        Actor.Palisade,
        cancellationToken);

    /// <summary>Ends the probation of one import because a person says so.</summary>
    /// <returns>False when it has none, or none any more.</returns>
    public async Task<bool> EndAsync(long import, Actor by, CancellationToken cancellationToken) =>
        (await EndAsync("AND id = @import", import, by, cancellationToken)).Count > 0;

    private async Task<IReadOnlyList<long>> EndAsync(string which, long? import, Actor by, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var arguments = new
        {
            import,
            LeastUploads,
            now = now.ToUnixTimeMilliseconds(),
            before = (now - LeastTime).ToUnixTimeMilliseconds(),
        };
        var ended = await store.WriteAsync(
            async transaction =>
            {
                var rows = (await transaction.Connection!.QueryAsync<EndedRow>(
                    $"""
                    UPDATE bank_import SET probation_ended_at = @now
                    WHERE state = 'live' AND new_signals = 'probation' AND probation_ended_at IS NULL {which}
                    RETURNING id AS Id, bank_id AS BankId
                    """,
                    arguments,
                    transaction)).ToList();
                foreach (var row in rows)
                {
                    await BankChangeLog.AppendAsync(
                        transaction, audit, BankChange.ProbationEnded, new BankId(row.BankId), null, row.Id, now, by);
                }

                return rows;
            },
            cancellationToken);
        store.Feeds.Ring(BankChangeLog.Feed);
        return [.. ended.Select(row => row.Id)];
    }

    private sealed record EndedRow
    {
        public long Id { get; init; }

        public long BankId { get; init; }
    }
}
