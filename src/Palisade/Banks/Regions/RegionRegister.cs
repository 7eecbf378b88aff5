using System.Data.Common;
using Dapper;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Signals.Regions;
using Palisade.Storage;

namespace Palisade.Banks.Regions;

/// <summary>
/// The region codes of banks as records: a picture's codes are added to one of its signals, and stand and fall with that.
/// </summary>
public sealed class RegionRegister(Store store, BankKey key, AuditLog audit, TimeProvider clock)
{
    private readonly RegionPictureTable _table = new(key);

    /// <summary>Adds a picture's codes to a signal of it.</summary>
    /// <param name="map">By which the place of an alteration is seen; null keeps none.</param>
    /// <returns>The signal, or why nothing was added.</returns>
    public async Task<BankAnswer<RegionsAdded>> AddAsync(
        SignalId signal, RegionCodes codes, AlteredMap? map, Actor by, CancellationToken cancellationToken)
    {
        var answer = await store.WriteAsync(
            async transaction =>
            {
                await Sequences.TakeAsync(transaction, SignalTable.Sequence, count: 0);
                return await AddAsync(transaction, signal, codes, map, by);
            },
            cancellationToken);
        store.Feeds.Ring(BankChangeLog.Feed);
        return answer;
    }

    /// <summary>The same within a transaction that stands in the line of signals. Ring the bell of banks after the commit.</summary>
    internal async Task<BankAnswer<RegionsAdded>> AddAsync(
        DbTransaction transaction, SignalId signal, RegionCodes codes, AlteredMap? map, Actor by)
    {
        var connection = transaction.Connection!;
        if (await connection.QuerySingleOrDefaultAsync<long?>(
                "SELECT bank_id FROM signal_now WHERE id = @Number", signal, transaction) is not { } number ||
            await BankTable.FindAsync(connection, new BankId(number), transaction) is not { } bank)
        {
            return new BankRefused.NoSuchSignal();
        }

        if (bank.Purpose == BankPurpose.NeverMatch)
        {
            return new BankRefused.NoRegionsHere();
        }

        if (await connection.QuerySingleAsync<long>(
            "SELECT COUNT(*) FROM region_picture WHERE signal_id = @Number", signal, transaction) > 0)
        {
            return new BankRefused.RegionsThere(signal);
        }

        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        var id = await Sequences.TakeAsync(transaction, RegionPictureTable.Sequence);
        await _table.InsertAsync(transaction, id, signal, now, codes, map);
        await BankChangeLog.AppendAsync(transaction, audit, BankChange.RegionsAdded, bank.Id, signal, import: null, now, by);
        return new RegionsAdded(signal, codes.Count);
    }

    /// <summary>Erases the codes and the map of a signal's picture; the signal itself stays as it is.</summary>
    /// <returns>False when it has none.</returns>
    public async Task<bool> EraseAsync(SignalId signal, Actor by, CancellationToken cancellationToken)
    {
        var isErased = await store.WriteAsync(
            async transaction =>
            {
                await Sequences.TakeAsync(transaction, SignalTable.Sequence, count: 0);
                return await EraseAsync(transaction, signal, by);
            },
            cancellationToken);
        store.Feeds.Ring(BankChangeLog.Feed);
        return isErased;
    }

    /// <inheritdoc cref="EraseAsync(SignalId, Actor, CancellationToken)"/>
    internal async Task<bool> EraseAsync(DbTransaction transaction, SignalId signal, Actor by)
    {
        var connection = transaction.Connection!;
        if (await connection.QuerySingleOrDefaultAsync<long?>(
            "SELECT bank_id FROM signal WHERE id = @Number", signal, transaction) is not { } bank ||
            await connection.ExecuteAsync("DELETE FROM region_picture WHERE signal_id = @Number", signal, transaction) == 0)
        {
            return false;
        }

        await BankChangeLog.AppendAsync(
            transaction, audit, BankChange.RegionsErased, new BankId(bank), signal, import: null, clock.GetUtcNow(), by);
        return true;
    }

    /// <summary>How many pictures of each bank can be found by their regions.</summary>
    public Task<IReadOnlyDictionary<BankId, long>> CountAsync(CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyDictionary<BankId, long>>(
            async connection => (await connection.QueryAsync<(long Bank, long Pictures)>(
                """
                SELECT s.bank_id, COUNT(*) FROM region_picture r JOIN signal_now s ON s.id = r.signal_id
                WHERE s.state <> 3 GROUP BY s.bank_id
                """)).ToDictionary(row => new BankId(row.Bank), row => row.Pictures),
            cancellationToken);
}

/// <summary>A picture's codes are kept with this signal.</summary>
public sealed record RegionsAdded(SignalId Signal, int Points);
