using System.Data.Common;
using System.Globalization;
using Dapper;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Evidence.Holds;

/// <summary>
/// The latest time that this store has seen and believed. A clock that jumps ahead must not make evidence look old, and one
/// that falls back must not make a new hold end early.
/// </summary>
/// <remarks>
/// Only a sweep moves it, and only by a plausible step, so a jump of a year is still in doubt at every later sweep until the
/// clock is set right or a person confirms it. The row is in the store, so that one node with a wrong clock is noticed too.
/// </remarks>
internal sealed class SeenTime(BankKey key)
{
    private readonly RowCheck _check = new(key.DeriveFor("palisade holds v1 clock"u8));

    /// <returns>Null when nothing was seen yet.</returns>
    /// <exception cref="StoreUnusableException">The row was changed outside Palisade.</exception>
    public async Task<DateTimeOffset?> ReadAsync(DbConnection connection, DbTransaction? transaction = null)
    {
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            "SELECT seen_at AS SeenAt, check_value AS CheckValue FROM sweep_clock WHERE id = 1", transaction: transaction);
        return row is null ? null
            : _check.Fits(row.CheckValue, "sweep_clock", row.SeenAt) ? DateTimeOffset.FromUnixTimeMilliseconds(row.SeenAt)
            : throw new StoreUnusableException(
                "The record of the latest time that this store has seen was changed outside Palisade, so nothing is destroyed and " +
                "no hold is changed. Restore the store from a backup.");
    }

    /// <summary>Moves it on; an earlier time leaves it as it is.</summary>
    public async Task MoveAsync(DbTransaction transaction, DateTimeOffset now)
    {
        if (await ReadAsync(transaction.Connection!, transaction) is { } seen && seen >= now)
        {
            return;
        }

        await SetAsync(transaction, now);
    }

    /// <summary>Sets it, also back: a person has said what day it is.</summary>
    public async Task SetAsync(DbTransaction transaction, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO sweep_clock (id, seen_at, check_value) VALUES (1, @at, @check)
            ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, check_value = excluded.check_value
            """,
            new { at, check = _check.Of("sweep_clock", at) },
            transaction);
    }

    private sealed record Row(long SeenAt, byte[] CheckValue);
}
