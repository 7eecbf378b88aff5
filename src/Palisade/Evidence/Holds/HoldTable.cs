using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Palisade.Keys;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Evidence.Holds;

/// <summary>A row of a hold as it was found.</summary>
/// <param name="Hold">Null when the row was changed outside Palisade, so that nobody knows what it said.</param>
internal sealed record StoredHold(long Number, Hold? Hold);

/// <summary>How holds lie in their table: open columns to search by, and facts that are sealed and bound to them.</summary>
internal sealed class HoldTable(BankKey key)
{
    /// <summary>Numbers holds. Whoever places, changes or relies on holds takes it first, so that they stand in line.</summary>
    public const string Sequence = "hold";

    private const string Columns =
        """
        SELECT number AS Number, subject AS Subject, basis AS Basis, starts_at AS StartsAt, least_until AS LeastUntil,
               ends_at AS EndsAt, lifted_at AS LiftedAt, changes AS Changes, placed_at AS PlacedAt, facts AS Facts
        FROM evidence_hold
        """;

    private readonly RecordSeal _seal = new(key.DeriveFor("palisade holds v1 records"u8));

    /// <summary>Waits until nobody else places or changes a hold. After the lock of cases, before the log's number.</summary>
    public static Task LockAsync(DbTransaction transaction) => Sequences.TakeAsync(transaction, Sequence, count: 0);

    /// <returns>SHA-256 of the sealed facts, by which the audit log can hold the row to its word.</returns>
    public async Task<byte[]> InsertAsync(DbTransaction transaction, Hold hold)
    {
        var row = Sealed(hold);
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO evidence_hold (number, subject, basis, starts_at, least_until, ends_at, lifted_at, changes, placed_at, facts)
            VALUES (@Number, @Subject, @Basis, @StartsAt, @LeastUntil, @EndsAt, @LiftedAt, @Changes, @PlacedAt, @Facts)
            """,
            row,
            transaction);
        return SHA256.HashData(row.Facts);
    }

    /// <inheritdoc cref="InsertAsync"/>
    public async Task<byte[]> UpdateAsync(DbTransaction transaction, Hold hold)
    {
        var row = Sealed(hold);
        await transaction.Connection!.ExecuteAsync(
            """
            UPDATE evidence_hold SET least_until = @LeastUntil, ends_at = @EndsAt, lifted_at = @LiftedAt, changes = @Changes, facts = @Facts
            WHERE number = @Number
            """,
            row,
            transaction);
        return SHA256.HashData(row.Facts);
    }

    public async Task<StoredHold?> FindAsync(DbConnection connection, long number, DbTransaction? transaction = null) =>
        await connection.QuerySingleOrDefaultAsync<Row>($"{Columns} WHERE number = @number", new { number }, transaction) is { } row
            ? Open(row)
            : null;

    /// <summary>The holds on any of these subjects, oldest first.</summary>
    public async Task<IReadOnlyList<StoredHold>> OfAsync(
        DbConnection connection, HoldSubject first, HoldSubject second, DbTransaction? transaction = null) =>
    [
        .. (await connection.QueryAsync<Row>(
            $"{Columns} WHERE subject IN (@first, @second) ORDER BY number",
            new { first = first.ToString(), second = second.ToString() },
            transaction)).Select(Open),
    ];

    /// <summary>A page of all holds, oldest first.</summary>
    public async Task<IReadOnlyList<StoredHold>> ReadAsync(DbConnection connection, long after, int limit) =>
    [
        .. (await connection.QueryAsync<Row>(
            $"{Columns} WHERE number > @after ORDER BY number LIMIT @limit", new { after, limit })).Select(Open),
    ];

    private Row Sealed(Hold hold)
    {
        var row = new Row(
            hold.Number, hold.Subject.ToString(), Words.Of(hold.Basis), hold.StartsAt.ToUnixTimeMilliseconds(),
            hold.LeastUntil.ToUnixTimeMilliseconds(), hold.EndsAt.ToUnixTimeMilliseconds(),
            hold.LiftedAt?.ToUnixTimeMilliseconds(), hold.Changes, hold.PlacedAt.ToUnixTimeMilliseconds(), []);
        var facts = JsonSerializer.SerializeToUtf8Bytes(new SealedPart(hold.Reference, hold.Reason), JsonSerializerOptions.Web);
        return row with { Facts = _seal.Seal(facts, row.Bound()) };
    }

    private StoredHold Open(Row row)
    {
        try
        {
            var part = JsonSerializer.Deserialize<SealedPart>(_seal.Open(row.Facts, row.Bound()), JsonSerializerOptions.Web)!;
            return new StoredHold(row.Number, new Hold
            {
                Number = row.Number,
                Subject = HoldSubject.TryParse(row.Subject, out var subject) ? subject : throw new StoreUnusableException("No subject."),
                Basis = Words.Parse<HoldBasis>(row.Basis),
                StartsAt = At(row.StartsAt),
                LeastUntil = At(row.LeastUntil),
                EndsAt = At(row.EndsAt),
                LiftedAt = row.LiftedAt is { } lifted ? At(lifted) : null,
                Changes = row.Changes,
                PlacedAt = At(row.PlacedAt),
                Reference = part.Reference,
                Reason = part.Reason,
            });
        }
        catch (StoreUnusableException)
        {
            return new StoredHold(row.Number, null);
        }
    }

    private static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private sealed record SealedPart(string? Reference, string? Reason);

    private sealed record Row(
        long Number, string Subject, string Basis, long StartsAt, long LeastUntil, long EndsAt, long? LiftedAt, long Changes,
        long PlacedAt, byte[] Facts)
    {
        public string Bound() => FormattableString.Invariant(
            $"evidence_hold|{Number}|{Subject}|{Basis}|{StartsAt}|{LeastUntil}|{EndsAt}|{LiftedAt}|{Changes}|{PlacedAt}");
    }
}
