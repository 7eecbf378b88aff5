using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Palisade.CyberTipline;
using Palisade.Keys;
using Palisade.Review;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Reporting;

/// <summary>The rows of reports, sealed and opened.</summary>
internal sealed class ReportTable(BankKey key)
{
    public const string Sequence = "report";

    private const string Columns =
        """
        SELECT id AS Id, number AS Number, case_id AS CaseId, environment AS Environment, state AS State, created_at AS CreatedAt,
               due_at AS DueAt, next_at AS NextAt, changed_at AS ChangedAt, account_mac AS AccountMac, facts AS Facts
        FROM report
        """;

    private const string Active = "state NOT IN ('filed', 'cancelled', 'needs-human')";

    private readonly RecordSeal _seal = new(key.DeriveFor("palisade reporting v1 reports"u8));
    private readonly byte[] _macKey = key.DeriveFor("palisade reporting v1 accounts"u8);

    public static Task LockAsync(DbTransaction transaction) => Sequences.TakeAsync(transaction, Sequence, count: 0);

    public byte[] MacOf(string account) => HMACSHA256.HashData(_macKey, Encoding.UTF8.GetBytes(account))[..16];

    public Task InsertAsync(DbTransaction transaction, Report report) => transaction.Connection!.ExecuteAsync(
        """
        INSERT INTO report (id, number, case_id, environment, state, created_at, due_at, next_at, changed_at, account_mac, facts, leased_until)
        VALUES (@Id, @Number, @CaseId, @Environment, @State, @CreatedAt, @DueAt, @NextAt, @ChangedAt, @AccountMac, @Facts, 0)
        """,
        Sealed(report),
        transaction);

    /// <param name="lease">Null for a person's change, which is refused while somebody works on it.</param>
    /// <param name="leasedUntil">Zero gives it back.</param>
    /// <returns>False when the lease is lost; nothing was written.</returns>
    public async Task<bool> UpdateAsync(
        DbTransaction transaction, Report report, string? lease, long leasedUntil, DateTimeOffset now)
    {
        var arguments = new DynamicParameters(Sealed(report));
        arguments.Add("lease", lease);
        arguments.Add("leasedUntil", leasedUntil);
        arguments.Add("now", now.ToUnixTimeMilliseconds());
        return await transaction.Connection!.ExecuteAsync(
            $"""
            UPDATE report SET state = @State, due_at = @DueAt, next_at = @NextAt, changed_at = @ChangedAt, account_mac = @AccountMac,
                facts = @Facts, leased_until = @leasedUntil
            WHERE id = @Id AND {(lease is null ? "leased_until <= @now" : "lease = @lease AND leased_until > @now")}
            """,
            arguments,
            transaction) == 1;
    }

    /// <summary>Takes the most urgent report that is due and that nobody works on.</summary>
    public async Task<Report?> LeaseAsync(DbTransaction transaction, string lease, DateTimeOffset now, DateTimeOffset until)
    {
        await LockAsync(transaction);
        var row = await transaction.Connection!.QueryFirstOrDefaultAsync<Row>(
            $"{Columns} WHERE {Active} AND next_at <= @now AND leased_until <= @now ORDER BY due_at, number LIMIT 1",
            new { now = now.ToUnixTimeMilliseconds() },
            transaction);
        if (row is null)
        {
            return null;
        }

        await transaction.Connection!.ExecuteAsync(
            "UPDATE report SET lease = @lease, leased_until = @until WHERE id = @Id",
            new { lease, until = until.ToUnixTimeMilliseconds(), row.Id },
            transaction);
        return Open(row);
    }

    /// <returns>False when the lease is lost.</returns>
    public static async Task<bool> ExtendLeaseAsync(DbTransaction transaction, ReportId id, string lease, DateTimeOffset now, DateTimeOffset until) =>
        await transaction.Connection!.ExecuteAsync(
            "UPDATE report SET leased_until = @until WHERE id = @id AND lease = @lease AND leased_until > @now",
            new { until = until.ToUnixTimeMilliseconds(), id = id.ToString(), lease, now = now.ToUnixTimeMilliseconds() },
            transaction) == 1;

    public async Task<Report?> FindAsync(DbConnection connection, ReportId id, DbTransaction? transaction = null) =>
        await connection.QuerySingleOrDefaultAsync<Row>($"{Columns} WHERE id = @id", new { id = id.ToString() }, transaction) is { } row
            ? Open(row)
            : null;

    public async Task<Report?> FindAsync(DbConnection connection, long number) =>
        await connection.QuerySingleOrDefaultAsync<Row>($"{Columns} WHERE number = @number", new { number }) is { } row ? Open(row) : null;

    public async Task<IReadOnlyList<Report>> ListAsync(DbConnection connection, long after, int limit) =>
        [.. (await connection.QueryAsync<Row>(
            $"{Columns} WHERE number > @after ORDER BY number LIMIT @limit", new { after, limit })).Select(Open)];

    public async Task<IReadOnlyList<Report>> OfCaseAsync(DbConnection connection, CaseId id, DbTransaction? transaction = null) =>
        [.. (await connection.QueryAsync<Row>(
            $"{Columns} WHERE case_id = @id ORDER BY number", new { id = id.ToString() }, transaction)).Select(Open)];

    /// <summary>The authority's numbers of the filed reports on an account, in one environment.</summary>
    public async Task<IReadOnlyList<long>> PriorAsync(DbConnection connection, byte[] account, TipEnvironment environment, long before) =>
        [.. (await connection.QueryAsync<Row>(
            $"{Columns} WHERE account_mac = @account AND environment = @environment AND state = 'filed' AND number < @before ORDER BY number",
            new { account, environment = Words.Of(environment), before })).Select(Open).Select(report => report.Progress.RemoteId).OfType<long>()];

    public static Task<(long Waiting, long Sealed, long Human, long? Earliest, long? Oldest)> MeasureAsync(DbConnection connection) =>
        connection.QuerySingleAsync<(long, long, long, long?, long?)>(
            """
            SELECT (SELECT COUNT(*) FROM report WHERE state NOT IN ('filed', 'cancelled')),
                   (SELECT COUNT(*) FROM report WHERE state = 'waiting-unseal'),
                   (SELECT COUNT(*) FROM report WHERE state = 'needs-human'),
                   (SELECT MIN(due_at) FROM report WHERE state NOT IN ('filed', 'cancelled')),
                   (SELECT MIN(created_at) FROM report WHERE state NOT IN ('filed', 'cancelled'))
            """);

    public async Task AddExchangeAsync(DbTransaction transaction, ReportId id, ReportExchange exchange)
    {
        var position = await transaction.Connection!.QuerySingleAsync<long>(
            "SELECT COUNT(*) FROM report_exchange WHERE report_id = @id", new { id = id.ToString() }, transaction) + 1;
        var at = exchange.At.ToUnixTimeMilliseconds();
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO report_exchange (report_id, position, at, facts) VALUES (@id, @position, @at, @facts)",
            new { id = id.ToString(), position, at, facts = SealPart(exchange, $"report_exchange|{id}|{position}|{at}") },
            transaction);
    }

    public async Task<IReadOnlyList<ReportExchange>> ExchangesAsync(DbConnection connection, ReportId id) =>
        [.. (await connection.QueryAsync<(long Position, long At, byte[] Facts)>(
            "SELECT position, at, facts FROM report_exchange WHERE report_id = @id ORDER BY position", new { id = id.ToString() }))
            .Select(row => OpenPart<ReportExchange>(row.Facts, $"report_exchange|{id}|{row.Position}|{row.At}"))];

    public async Task AddAccountAsync(DbTransaction transaction, CaseId id, AccountFacts facts, DateTimeOffset now)
    {
        var position = await transaction.Connection!.QuerySingleAsync<long>(
            "SELECT COUNT(*) FROM case_account_facts WHERE case_id = @id", new { id = id.ToString() }, transaction) + 1;
        var at = now.ToUnixTimeMilliseconds();
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO case_account_facts (case_id, position, received_at, facts) VALUES (@id, @position, @at, @facts)",
            new { id = id.ToString(), position, at, facts = SealPart(facts, $"case_account_facts|{id}|{position}|{at}") },
            transaction);
    }

    public async Task<IReadOnlyList<AccountFacts>> AccountsAsync(DbConnection connection, CaseId id) =>
        [.. (await connection.QueryAsync<(long Position, long At, byte[] Facts)>(
            "SELECT position, received_at, facts FROM case_account_facts WHERE case_id = @id ORDER BY position", new { id = id.ToString() }))
            .Select(row => OpenPart<AccountFacts>(row.Facts, $"case_account_facts|{id}|{row.Position}|{row.At}"))];

    private byte[] SealPart<T>(T part, string bound) => _seal.Seal(JsonSerializer.SerializeToUtf8Bytes(part, JsonSerializerOptions.Web), bound);

    private T OpenPart<T>(byte[] facts, string bound) => JsonSerializer.Deserialize<T>(_seal.Open(facts, bound), JsonSerializerOptions.Web)!;

    private Row Sealed(Report report)
    {
        var row = new Row(
            report.Id.ToString(), report.Number, report.Case.ToString(), Words.Of(report.Environment), Words.Of(report.State),
            report.CreatedAt.ToUnixTimeMilliseconds(), report.DueAt.ToUnixTimeMilliseconds(), report.NextAt.ToUnixTimeMilliseconds(),
            report.ChangedAt.ToUnixTimeMilliseconds(), report.AccountMac, []);
        return row with { Facts = SealPart(report.Progress, row.Bound()) };
    }

    private Report Open(Row row) => new()
    {
        Id = ReportId.TryParse(row.Id, out var id) ? id : throw Damaged(),
        Number = row.Number,
        Case = CaseId.TryParse(row.CaseId, out var @case) ? @case : throw Damaged(),
        Environment = Words.Parse<TipEnvironment>(row.Environment),
        State = Words.Parse<ReportState>(row.State),
        CreatedAt = Moment.At(row.CreatedAt),
        DueAt = Moment.At(row.DueAt),
        NextAt = Moment.At(row.NextAt),
        ChangedAt = Moment.At(row.ChangedAt),
        AccountMac = row.AccountMac,
        Progress = OpenPart<ReportProgress>(row.Facts, row.Bound()),
    };

    private static StoreUnusableException Damaged() => new("The id of a report is damaged. Restore the store from a backup.");

    private sealed record Row(
        string Id, long Number, string CaseId, string Environment, string State, long CreatedAt, long DueAt, long NextAt, long ChangedAt,
        byte[]? AccountMac, byte[] Facts)
    {
        public string Bound() => FormattableString.Invariant(
            $"report|{Id}|{Number}|{CaseId}|{Environment}|{State}|{CreatedAt}|{DueAt}|{NextAt}|{ChangedAt}|{(AccountMac is null ? "" : Convert.ToHexStringLower(AccountMac))}");
    }
}
