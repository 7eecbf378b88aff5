using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Palisade.Keys;
using Palisade.Scanning;
using Palisade.Signals.Pdq;
using Palisade.Storage;

namespace Palisade.Banks.Regions;

/// <summary>
/// Pairs that a reviewer tuned away: an enrolled picture, and an upload that shows the same room, series or stock frame and
/// was not made from it. The same upload, saved anew, is not matched with that picture again.
/// </summary>
public sealed class SameScenes(Store store, BankKey key, TimeProvider clock)
{
    /// <summary>Saved anew a picture moves by up to about 10 bits; another picture of the scene is farther, and asks again.</summary>
    public const int MostBits = 10;

    private const string Sequence = "same_scene";

    private readonly RecordSeal _seal = new(key.DeriveFor("palisade regions v1 same scenes"u8));
    private volatile Dictionary<long, ImmutableArray<PdqHash>> _looks = [];
    private long _last;

    public bool IsTunedAway(SignalId enrolled, in PdqHash upload)
    {
        if (!_looks.TryGetValue(enrolled.Number, out var looks))
        {
            return false;
        }

        foreach (var look in looks)
        {
            if (look.DistanceTo(upload) <= MostBits)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Tunes a pair away within the transaction of the decision that says so. Takes the line of its own numbers, which stands
    /// after the line of cases and before that of the audit log.
    /// </summary>
    public async Task AddAsync(DbTransaction transaction, SignalId enrolled, PdqHash upload)
    {
        var row = new Row(
            await Sequences.TakeAsync(transaction, Sequence), enrolled.Number, clock.GetUtcNow().ToUnixTimeMilliseconds(), []);
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO same_scene (id, signal_id, decided_at, facts) VALUES (@Id, @SignalId, @DecidedAt, @Facts)",
            row with { Facts = _seal.Seal(upload.ToBytes(), row.Bound()) },
            transaction);
    }

    /// <summary>Reads the pairs that came since it was called last, also from other processes.</summary>
    internal async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var rows = await store.ReadAsync(
            async connection => (await connection.QueryAsync<Row>(
                "SELECT id AS Id, signal_id AS SignalId, decided_at AS DecidedAt, facts AS Facts FROM same_scene WHERE id > @_last ORDER BY id",
                new { _last })).ToList(),
            cancellationToken);
        if (rows.Count == 0)
        {
            return;
        }

        var looks = new Dictionary<long, ImmutableArray<PdqHash>>(_looks);
        foreach (var row in rows)
        {
            var look = PdqHash.FromBytes(_seal.Open(row.Facts, row.Bound()));
            looks[row.SignalId] = looks.TryGetValue(row.SignalId, out var known) ? known.Add(look) : [look];
        }

        _looks = looks;
        _last = rows[^1].Id;
    }

    private sealed record Row(long Id, long SignalId, long DecidedAt, byte[] Facts)
    {
        public string Bound() => FormattableString.Invariant($"same_scene|{Id}|{SignalId}|{DecidedAt}");
    }
}
