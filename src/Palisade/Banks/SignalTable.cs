using System.Data.Common;
using Dapper;
using Palisade.Keys;
using Palisade.Signals.Pdq;
using Palisade.Storage;

namespace Palisade.Banks;

/// <summary>How signals lie in their table: values sealed, everything else plain.</summary>
internal static class SignalTable
{
    public const string Sequence = "signal";

    public static readonly IReadOnlyList<BulkColumn> Columns =
    [
        BulkColumn.Number("id"), BulkColumn.Number("bank_id"), BulkColumn.Number("type"), BulkColumn.Number("profile"),
        BulkColumn.Number("quality"), BulkColumn.Text("origin"), BulkColumn.Bytes("value"), BulkColumn.Bytes("value_key"),
        BulkColumn.Number("state"), BulkColumn.Number("added_at"), BulkColumn.Number("import_id"),
    ];

    private const string Now =
        """
        SELECT id AS Id, bank_id AS BankId, type AS Type, profile AS Profile, quality AS Quality, origin AS Origin,
               value AS Value, state AS State, disabled_until AS DisabledUntil, added_at AS AddedAt
        FROM signal_now
        """;

    /// <summary>The values of one new row, in the order of <see cref="Columns"/>.</summary>
    public static object?[] RowOf(Signal signal, SignalCipher cipher, byte[] valueKey, long? import) =>
    [
        signal.Id.Number, signal.Bank.Number, (long)signal.Value.Type, (long?)signal.Profile, (long?)signal.Quality,
        signal.Origin, cipher.Seal(signal.Bank, signal.Id, signal.Value), valueKey, (long)signal.State,
        signal.AddedAt.ToUnixTimeMilliseconds(), import,
    ];

    public static async Task<Signal?> FindAsync(
        DbConnection connection, SignalId id, SignalCipher cipher, DbTransaction? transaction = null) =>
        (await connection.QuerySingleOrDefaultAsync<Row>($"{Now} WHERE id = @Number", id, transaction))?.ToSignal(cipher);

    /// <summary>A page of a bank's signals, oldest first, withdrawn ones included.</summary>
    public static async Task<IReadOnlyList<Signal>> PageAsync(
        DbConnection connection, BankId bank, SignalId after, int limit, SignalCipher cipher)
    {
        var rows = await connection.QueryAsync<Row>(
            $"{Now} WHERE bank_id = @bank AND id > @after ORDER BY id LIMIT @limit",
            new { bank = bank.Number, after = after.Number, limit });
        return [.. rows.Select(row => row.ToSignal(cipher))];
    }

    /// <summary>By property, since SQLite knows the type of a computed column only when there is a row.</summary>
    private sealed record Row
    {
        public long Id { get; init; }

        public long BankId { get; init; }

        public long Type { get; init; }

        public long? Profile { get; init; }

        public long? Quality { get; init; }

        public string Origin { get; init; } = "";

        public byte[] Value { get; init; } = [];

        public long State { get; init; }

        public long? DisabledUntil { get; init; }

        public long AddedAt { get; init; }

        public Signal ToSignal(SignalCipher cipher)
        {
            var (bank, id) = (new BankId(BankId), new SignalId(Id));
            return new Signal
            {
                Id = id,
                Bank = bank,
                Value = cipher.Open(bank, id, (SignalType)Type, Value),
                Profile = (PdqProfile?)Profile,
                Quality = (int?)Quality,
                Origin = Origin,
                State = (SignalState)State,
                DisabledUntil = DisabledUntil is { } until ? DateTimeOffset.FromUnixTimeMilliseconds(until) : null,
                AddedAt = DateTimeOffset.FromUnixTimeMilliseconds(AddedAt),
            };
        }
    }
}
