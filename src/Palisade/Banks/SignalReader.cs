using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using Palisade.Keys;
using Palisade.Signals.Pdq;
using Palisade.Storage;

namespace Palisade.Banks;

/// <summary>A signal on its way into the index; a value type, since millions pass by.</summary>
internal readonly record struct ActiveSignal(
    long Id, BankId Bank, SignalValue Value, PdqProfile? Profile, int? Quality, SignalState State, long? DisabledUntil);

/// <summary>Reads the signals that are not withdrawn, in the order of their numbers.</summary>
internal static class SignalReader
{
    private const int MostIdsInQuery = 5000;

    private const string Active =
        "SELECT id, bank_id, type, profile, quality, state, disabled_until, value FROM signal_now WHERE state <> 3";

    public static async IAsyncEnumerable<ActiveSignal> ReadActiveAsync(
        DbConnection connection, SignalCipher cipher, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"{Active} ORDER BY id";
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return Read(reader, cipher);
        }
    }

    public static async Task<List<ActiveSignal>> ReadActiveAsync(
        DbConnection connection, IReadOnlyCollection<long> ids, SignalCipher cipher)
    {
        var signals = new List<ActiveSignal>(ids.Count);

        foreach (var chunk in ids.Order().Chunk(MostIdsInQuery))
        {
            var (isTouched, those) = Dialect.Of(connection).OneOf("id", "@those", chunk);
            await using var reader = await connection.ExecuteReaderAsync($"{Active} AND {isTouched} ORDER BY id", new { those });
            while (await reader.ReadAsync())
            {
                signals.Add(Read(reader, cipher));
            }
        }

        return signals;
    }

    /// <summary>What a list added and what it withdrew, at most <paramref name="limit"/> of them.</summary>
    public static async Task<IReadOnlyList<long>> IdsOfImportAsync(DbConnection connection, long import, int limit) =>
        [.. await connection.QueryAsync<long>(
            """
            SELECT id FROM (
                SELECT id FROM signal WHERE import_id = @import UNION SELECT id FROM signal WHERE withdraw_import_id = @import
            ) AS touched LIMIT @limit
            """,
            new { import, limit })];

    private static ActiveSignal Read(DbDataReader reader, SignalCipher cipher)
    {
        var (id, bank, type) = (reader.GetInt64(0), new BankId(reader.GetInt64(1)), (SignalType)reader.GetInt64(2));
        return new ActiveSignal(
            id,
            bank,
            cipher.Open(bank, new SignalId(id), type, reader.GetFieldValue<byte[]>(7)),
            reader.IsDBNull(3) ? null : (PdqProfile)reader.GetInt64(3),
            reader.IsDBNull(4) ? null : (int)reader.GetInt64(4),
            (SignalState)reader.GetInt64(5),
            reader.IsDBNull(6) ? null : reader.GetInt64(6));
    }
}
