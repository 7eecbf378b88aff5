using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Review;

/// <summary>The rows of cases, sealed and opened.</summary>
internal sealed class CaseTable(BankKey key)
{
    /// <summary>Numbers cases, and is the lock under which every case is opened, joined or changed.</summary>
    public const string Sequence = "review_case";

    private const string Columns =
        """
        SELECT id AS Id, number AS Number, state AS State, origin AS Origin, service AS Service, verdict AS Verdict,
               uploads AS Uploads, owner_mac AS OwnerMac, opened_at AS OpenedAt, due_at AS DueAt, held_since AS HeldSince,
               changed_at AS ChangedAt, facts AS Facts
        FROM review_case
        """;

    private const int MacBytes = 16;

    private readonly byte[] _macKey = key.DeriveFor("palisade review v1 recognition"u8);

    /// <summary>Under the bank's key and not the sealing key, since lists must work while the service is sealed.</summary>
    public RecordSeal Seal { get; } = new(key.DeriveFor("palisade review v1 cases"u8));

    /// <summary>Stands in line behind whoever changes a case. Take it before numbers of the feed and of the audit log.</summary>
    public static Task LockAsync(DbTransaction transaction) => Sequences.TakeAsync(transaction, Sequence, count: 0);

    /// <summary>What equal texts share and nobody without the key can compute, 128 bits.</summary>
    public byte[] MacOf(string text) => HMACSHA256.HashData(_macKey, Encoding.UTF8.GetBytes(text))[..MacBytes];

    public async Task<Case?> FindAsync(DbConnection connection, CaseId id, DbTransaction? transaction = null) =>
        await connection.QuerySingleOrDefaultAsync<Row>($"{Columns} WHERE id = @id", new { id = id.ToString() }, transaction) is { } row
            ? Open(row)
            : null;

    public async Task<Case?> FindAsync(DbConnection connection, long number) =>
        await connection.QuerySingleOrDefaultAsync<Row>($"{Columns} WHERE number = @number", new { number }) is { } row
            ? Open(row)
            : null;

    public async Task<IReadOnlyList<Case>> ListAsync(DbConnection connection, CaseQuery query)
    {
        var owner = query.Owner is { } name ? MacOf($"owner|{name}") : null;
        var rows = await connection.QueryAsync<Row>(
            $"""
            {Columns}
            WHERE number > @After {(query.State is null ? "" : "AND state = @state")}
                {(owner is null ? "" : "AND owner_mac = @owner")} {(query.IsUndecidedOnly ? "AND state IN ('open', 'in-review')" : "")}
            ORDER BY {(query.ByClock ? "due_at, number" : "number")} LIMIT @Limit
            """,
            new { query.After, query.Limit, state = query.State is { } state ? Words.Of(state) : null, owner });
        return [.. rows.Select(Open)];
    }

    public Task InsertAsync(DbTransaction transaction, Case record) => transaction.Connection!.ExecuteAsync(
        """
        INSERT INTO review_case (id, number, state, origin, service, verdict, uploads, owner_mac, opened_at, due_at, held_since,
            changed_at, facts)
        VALUES (@Id, @Number, @State, @Origin, @Service, @Verdict, @Uploads, @OwnerMac, @OpenedAt, @DueAt, @HeldSince,
            @ChangedAt, @Facts)
        """,
        Sealed(record),
        transaction);

    public Task UpdateAsync(DbTransaction transaction, Case record) => transaction.Connection!.ExecuteAsync(
        """
        UPDATE review_case SET state = @State, verdict = @Verdict, uploads = @Uploads, owner_mac = @OwnerMac, due_at = @DueAt,
            held_since = @HeldSince, changed_at = @ChangedAt, facts = @Facts
        WHERE id = @Id
        """,
        Sealed(record),
        transaction);

    /// <summary>The undecided case that knows one of these keys; the oldest where several do.</summary>
    public async Task<Case?> FindByKeysAsync(DbTransaction transaction, IReadOnlyList<byte[]> macs)
    {
        var (condition, argument) = Dialect.Of(transaction.Connection!).OneOf("key_mac", "@macs", macs);
        var arguments = new DynamicParameters();
        arguments.Add("macs", argument);
        return await transaction.Connection!.QuerySingleOrDefaultAsync<Row>(
            $"""
            {Columns}
            WHERE number = (SELECT MIN(c.number) FROM case_key k JOIN review_case c ON c.id = k.case_id WHERE {condition})
            """,
            arguments,
            transaction) is { } row
            ? Open(row)
            : null;
    }

    public static async Task AddKeysAsync(DbTransaction transaction, CaseId id, IReadOnlyList<byte[]> macs)
    {
        foreach (var mac in macs)
        {
            await transaction.Connection!.ExecuteAsync(
                "INSERT INTO case_key (key_mac, case_id) VALUES (@mac, @id) ON CONFLICT (key_mac) DO NOTHING",
                new { mac, id = id.ToString() },
                transaction);
        }
    }

    public static Task RemoveKeysAsync(DbTransaction transaction, CaseId id) => transaction.Connection!.ExecuteAsync(
        "DELETE FROM case_key WHERE case_id = @id", new { id = id.ToString() }, transaction);

    private Row Sealed(Case record)
    {
        var row = new Row(
            record.Id.ToString(), record.Number, Words.Of(record.State), Words.Of(record.Origin), record.Service,
            record.Verdict is { } verdict ? Words.Of(verdict) : null, record.Uploads,
            record.Owner is { } owner ? MacOf($"owner|{owner}") : null, record.OpenedAt.ToUnixTimeMilliseconds(),
            record.DueAt.ToUnixTimeMilliseconds(), record.HeldSince?.ToUnixTimeMilliseconds(),
            record.ChangedAt.ToUnixTimeMilliseconds(), []);
        var facts = JsonSerializer.SerializeToUtf8Bytes(
            new SealedPart(record.Owner, record.Reasons, record.Receipts), JsonSerializerOptions.Web);
        return row with { Facts = Seal.Seal(facts, row.Bound()) };
    }

    private Case Open(Row row)
    {
        var part = JsonSerializer.Deserialize<SealedPart>(Seal.Open(row.Facts, row.Bound()), JsonSerializerOptions.Web)!;
        return new Case
        {
            Id = CaseId.TryParse(row.Id, out var id) ? id : throw new StoreUnusableException(
                "The id of a case is damaged. Restore the store from a backup."),
            Number = row.Number,
            State = Words.Parse<CaseState>(row.State),
            Origin = Words.Parse<CaseOrigin>(row.Origin),
            Service = row.Service,
            Verdict = row.Verdict is { } verdict ? Words.Parse<VerdictAction>(verdict) : null,
            Uploads = row.Uploads,
            Owner = part.Owner,
            OpenedAt = Moment.At(row.OpenedAt),
            DueAt = Moment.At(row.DueAt),
            HeldSince = Moment.At(row.HeldSince),
            ChangedAt = Moment.At(row.ChangedAt),
            Reasons = part.Reasons,
            Receipts = part.Receipts,
        };
    }

    private sealed record SealedPart(string? Owner, IReadOnlyList<string> Reasons, CaseReceipts Receipts);

    private sealed record Row(
        string Id, long Number, string State, string Origin, string Service, string? Verdict, long Uploads, byte[]? OwnerMac,
        long OpenedAt, long DueAt, long? HeldSince, long ChangedAt, byte[] Facts)
    {
        public string Bound() => FormattableString.Invariant(
            $"review_case|{Id}|{Number}|{State}|{Origin}|{Service}|{Verdict}|{Uploads}|{HexOf(OwnerMac)}|{OpenedAt}|{DueAt}|{HeldSince}|{ChangedAt}");

        private static string HexOf(byte[]? bytes) => bytes is null ? "" : Convert.ToHexStringLower(bytes);
    }
}

/// <summary>Which cases are asked for.</summary>
public sealed record CaseQuery
{
    /// <summary>Those with a higher number.</summary>
    public long After { get; init; }

    /// <summary>1 to 1,000.</summary>
    public int Limit { get; init; } = 100;

    public CaseState? State { get; init; }

    /// <summary>Open and in review alone.</summary>
    public bool IsUndecidedOnly { get; init; }

    /// <summary>Whose, as <see cref="Audit.Actor"/> writes it.</summary>
    public string? Owner { get; init; }

    /// <summary>The one that is due first comes first, instead of the oldest.</summary>
    public bool ByClock { get; init; }
}

/// <summary>Times as rows keep them: milliseconds since 1970, UTC.</summary>
internal static class Moment
{
    public static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static DateTimeOffset? At(long? milliseconds) => milliseconds is { } known ? At(known) : null;

    /// <summary>Now, as precise as a row keeps it, so that a record reads back equal.</summary>
    public static DateTimeOffset Of(TimeProvider clock) => At(clock.GetUtcNow().ToUnixTimeMilliseconds());
}
