using System.Data.Common;
using Dapper;
using Palisade.Policy;
using Palisade.Storage;

namespace Palisade.Banks;

/// <summary>How banks lie in their table.</summary>
internal static class BankTable
{
    private const string Columns =
        """
        id AS Id, name AS Name, owner AS Owner, purpose AS Purpose, source AS Source, max_distance_bits AS MaxDistanceBits,
        min_quality AS MinQuality, allowed_action AS AllowedAction, enabled_ratio AS EnabledRatio,
        new_signals AS NewSignals, notes AS Notes, created_at AS CreatedAt
        """;

    /// <summary>All banks that were not removed, by name.</summary>
    public static async Task<IReadOnlyList<Bank>> ListAsync(DbConnection connection) =>
        [.. (await connection.QueryAsync<Row>($"SELECT {Columns} FROM bank WHERE removed_at IS NULL ORDER BY name"))
            .Select(row => row.ToBank())];

    public static async Task<Bank?> FindAsync(DbConnection connection, BankId id, DbTransaction? transaction = null) =>
        (await connection.QuerySingleOrDefaultAsync<Row>(
            $"SELECT {Columns} FROM bank WHERE id = @Number AND removed_at IS NULL", id, transaction))?.ToBank();

    public static async Task<Bank?> FindAsync(DbConnection connection, string name, DbTransaction? transaction = null) =>
        (await connection.QuerySingleOrDefaultAsync<Row>(
            $"SELECT {Columns} FROM bank WHERE name = @name AND removed_at IS NULL", new { name }, transaction))?.ToBank();

    public static Task InsertAsync(DbTransaction transaction, Bank bank) => transaction.Connection!.ExecuteAsync(
        """
        INSERT INTO bank (id, name, owner, purpose, source, max_distance_bits, min_quality, allowed_action, enabled_ratio,
                          new_signals, notes, created_at)
        VALUES (@Id, @Name, @Owner, @Purpose, @Source, @MaxDistanceBits, @MinQuality, @AllowedAction, @EnabledRatio,
                @NewSignals, @Notes, @CreatedAt)
        """,
        Row.Of(bank),
        transaction);

    public static Task UpdateAsync(DbTransaction transaction, Bank bank) => transaction.Connection!.ExecuteAsync(
        """
        UPDATE bank SET name = @Name, owner = @Owner, source = @Source, max_distance_bits = @MaxDistanceBits,
            min_quality = @MinQuality, allowed_action = @AllowedAction, enabled_ratio = @EnabledRatio,
            new_signals = @NewSignals, notes = @Notes
        WHERE id = @Id
        """,
        Row.Of(bank),
        transaction);

    private sealed record Row(
        long Id, string Name, string Owner, string Purpose, string Source, long MaxDistanceBits, long MinQuality,
        string AllowedAction, double EnabledRatio, string NewSignals, string Notes, long CreatedAt)
    {
        public static Row Of(Bank bank) => new(
            bank.Id.Number, bank.Name, bank.Owner, Words.Of(bank.Purpose), bank.Source, bank.MaxDistanceBits,
            bank.MinQuality, Words.Of(bank.AllowedAction), bank.EnabledRatio, Words.Of(bank.NewSignals), bank.Notes,
            bank.CreatedAt.ToUnixTimeMilliseconds());

        public Bank ToBank() => new()
        {
            Id = new BankId(Id),
            Name = Name,
            Owner = Owner,
            Purpose = Words.Parse<BankPurpose>(Purpose),
            Source = Source,
            MaxDistanceBits = (int)MaxDistanceBits,
            MinQuality = (int)MinQuality,
            AllowedAction = Words.Parse<VerdictAction>(AllowedAction),
            EnabledRatio = EnabledRatio,
            NewSignals = Words.Parse<NewSignals>(NewSignals),
            Notes = Notes,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
        };
    }
}
