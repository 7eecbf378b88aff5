using System.Data.Common;
using System.Text.Json;
using Dapper;
using Palisade.Keys;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Evidence.Holds.Destruction;

/// <summary>How destructions lie in their table: facts and certificate sealed, and bound to every open column.</summary>
internal sealed class DestructionTable(BankKey key)
{
    private const string Columns =
        """
        SELECT evidence_id AS EvidenceId, state AS State, begun_entry AS BegunEntry, begun_at AS BegunAt,
               result_entry AS ResultEntry, facts AS Facts, certificate AS Certificate
        FROM destruction
        """;

    private readonly RecordSeal _seal = new(key.DeriveFor("palisade destruction v1 records"u8));

    /// <summary>Writes the row of a destruction, in the place of one that was stopped before.</summary>
    public async Task WriteAsync(DbTransaction transaction, DestructionRecord record, byte[]? certificate = null) =>
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO destruction (evidence_id, state, begun_entry, begun_at, result_entry, facts, certificate)
            VALUES (@EvidenceId, @State, @BegunEntry, @BegunAt, @ResultEntry, @Facts, @Certificate)
            ON CONFLICT (evidence_id) DO UPDATE SET state = excluded.state, begun_entry = excluded.begun_entry,
                begun_at = excluded.begun_at, result_entry = excluded.result_entry, facts = excluded.facts,
                certificate = excluded.certificate
            """,
            Sealed(record, certificate),
            transaction);

    /// <exception cref="StoreUnusableException">The row was changed outside Palisade.</exception>
    public async Task<(DestructionRecord Record, byte[]? Certificate)?> FindAsync(
        DbConnection connection, EvidenceId id, DbTransaction? transaction = null) =>
        await connection.QuerySingleOrDefaultAsync<Row>(
            $"{Columns} WHERE evidence_id = @id", new { id = id.ToString() }, transaction) is { } row
            ? Open(row)
            : null;

    /// <summary>Those that began and have not ended: what a crash left, and what another process is at.</summary>
    public async Task<IReadOnlyList<DestructionRecord>> UnfinishedAsync(DbConnection connection) =>
    [
        .. (await connection.QueryAsync<Row>(
            $"{Columns} WHERE state IN (@begun, @keyDestroyed) ORDER BY begun_entry",
            new { begun = Words.Of(DestructionState.Begun), keyDestroyed = Words.Of(DestructionState.KeyDestroyed) }))
            .Select(row => Open(row).Record),
    ];

    private Row Sealed(DestructionRecord record, byte[]? certificate)
    {
        var row = new Row(
            record.Evidence.ToString(), Words.Of(record.State), record.BegunEntry, record.BegunAt.ToUnixTimeMilliseconds(),
            record.ResultEntry, [], null);
        return row with
        {
            Facts = _seal.Seal(JsonSerializer.SerializeToUtf8Bytes(record.Facts, JsonSerializerOptions.Web), row.Bound("facts")),
            Certificate = certificate is null ? null : _seal.Seal(certificate, row.Bound("certificate")),
        };
    }

    private (DestructionRecord Record, byte[]? Certificate) Open(Row row)
    {
        var facts = _seal.Open(row.Facts, row.Bound("facts"));
        return (
            new DestructionRecord
            {
                Evidence = EvidenceId.TryParse(row.EvidenceId, out var id) ? id : throw new StoreUnusableException(
                    "A record of a destruction has no proper id. Restore the store from a backup."),
                State = Words.Parse<DestructionState>(row.State),
                BegunEntry = row.BegunEntry,
                BegunAt = DateTimeOffset.FromUnixTimeMilliseconds(row.BegunAt),
                ResultEntry = row.ResultEntry,
                Facts = JsonSerializer.Deserialize<DestructionFacts>(facts, JsonSerializerOptions.Web)!,
            },
            row.Certificate is null ? null : _seal.Open(row.Certificate, row.Bound("certificate")));
    }

    private sealed record Row(
        string EvidenceId, string State, long BegunEntry, long BegunAt, long? ResultEntry, byte[] Facts, byte[]? Certificate)
    {
        public string Bound(string part) => FormattableString.Invariant(
            $"destruction|{part}|{EvidenceId}|{State}|{BegunEntry}|{BegunAt}|{ResultEntry}");
    }
}
