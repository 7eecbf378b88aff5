using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using Palisade.Keys;
using Palisade.Scanning;
using Palisade.Signals.Regions;
using Palisade.Storage;

namespace Palisade.Banks.Regions;

/// <summary>How the region codes of pictures lie in their table: codes and maps sealed, numbers plain.</summary>
internal sealed class RegionPictureTable(BankKey key)
{
    public const string Sequence = "region";

    private const int MostIdsInQuery = 5000;

    private const string Entries =
        """
        SELECT r.id AS Id, r.signal_id AS SignalId, s.bank_id AS BankId, s.state AS State, s.disabled_until AS DisabledUntil
        FROM region_picture r JOIN signal_now s ON s.id = r.signal_id WHERE s.state <> 3
        """;

    private readonly RecordSeal _codes = new(key.DeriveFor("palisade regions v1 codes"u8));
    private readonly RecordSeal _maps = new(key.DeriveFor("palisade regions v1 maps"u8));

    public async Task InsertAsync(
        DbTransaction transaction, long id, SignalId signal, DateTimeOffset addedAt, RegionCodes codes, AlteredMap? map)
    {
        var row = new Row(id, signal.Number, addedAt.ToUnixTimeMilliseconds(), [], null);
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO region_picture (id, signal_id, added_at, codes, map) VALUES (@Id, @SignalId, @AddedAt, @Codes, @Map)",
            row with
            {
                Codes = _codes.Seal(codes.Bytes.Span, row.Bound("codes")),
                Map = map is null ? null : _maps.Seal(map.Bytes.Span, row.Bound("map")),
            },
            transaction);
    }

    /// <summary>Which pictures can be found, withdrawn ones left out, by number.</summary>
    public static async Task<List<RegionEntry>> EntriesAsync(DbConnection connection) =>
        [.. (await connection.QueryAsync<EntryRow>($"{Entries} ORDER BY r.id")).Select(row => row.ToEntry())];

    /// <summary>Those of some signals.</summary>
    public static async Task<List<RegionEntry>> EntriesAsync(DbConnection connection, IReadOnlyCollection<long> signals)
    {
        var entries = new List<RegionEntry>();
        foreach (var chunk in signals.Order().Chunk(MostIdsInQuery))
        {
            var (isTouched, those) = Dialect.Of(connection).OneOf("r.signal_id", "@those", chunk);
            entries.AddRange((await connection.QueryAsync<EntryRow>($"{Entries} AND {isTouched}", new { those })).Select(row => row.ToEntry()));
        }

        return entries;
    }

    /// <summary>The signals with codes that a list added or withdrew.</summary>
    public static async Task<IEnumerable<long>> SignalsOfImportAsync(DbConnection connection, long import) =>
        await connection.QueryAsync<long>(
            """
            SELECT r.signal_id FROM region_picture r JOIN signal s ON s.id = r.signal_id
            WHERE s.import_id = @import OR s.withdraw_import_id = @import
            """,
            new { import });

    /// <summary>The codes of every picture, by number; null where another version of Palisade made them.</summary>
    public async IAsyncEnumerable<(long Id, RegionCodes? Codes)> ReadCodesAsync(
        DbConnection connection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, signal_id, added_at, codes FROM region_picture ORDER BY id";
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new Row(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<byte[]>(3), null);
            yield return (row.Id, Open(row));
        }
    }

    /// <summary>Null where there are none, or another version of Palisade made them.</summary>
    public async Task<RegionCodes?> FindCodesAsync(DbConnection connection, long id) =>
        await FindAsync(connection, id) is { } row ? Open(row) : null;

    /// <summary>Read only after a match. Null where none was kept.</summary>
    public async Task<AlteredMap?> FindMapAsync(DbConnection connection, long id) =>
        await FindAsync(connection, id) is { Map: { } map } row
            ? AlteredMap.TryRead(_maps.Open(map, row.Bound("map"))) ?? throw Damaged(row.SignalId)
            : null;

    private static async Task<Row?> FindAsync(DbConnection connection, long id) => await connection.QuerySingleOrDefaultAsync<Row>(
        "SELECT id AS Id, signal_id AS SignalId, added_at AS AddedAt, codes AS Codes, map AS Map FROM region_picture WHERE id = @id",
        new { id });

    private RegionCodes? Open(Row row)
    {
        var codes = RegionCodes.TryRead(_codes.Open(row.Codes, row.Bound("codes")), out var fault);
        return codes is null && fault != RegionCodesFault.OtherVersion ? throw Damaged(row.SignalId) : codes;
    }

    private static StoreUnusableException Damaged(long signal) =>
        new($"The stored regions of signal {signal} are damaged or were changed. Restore the store from a backup.");

    private sealed record Row(long Id, long SignalId, long AddedAt, byte[] Codes, byte[]? Map)
    {
        public string Bound(string part) => FormattableString.Invariant($"region_picture|{Id}|{SignalId}|{AddedAt}|{part}");
    }

    /// <summary>By property, since SQLite knows the type of a computed column only when there is a row.</summary>
    private sealed record EntryRow
    {
        public long Id { get; init; }

        public long SignalId { get; init; }

        public long BankId { get; init; }

        public long State { get; init; }

        public long? DisabledUntil { get; init; }

        public RegionEntry ToEntry() => new(
            checked((int)Id), new SignalId(SignalId), new BankId(BankId), (SignalState)State,
            DisabledUntil is { } until ? DateTimeOffset.FromUnixTimeMilliseconds(until) : null);
    }
}

/// <summary>A picture that can be found by its region codes: its row in the index, and the signal by which it stands or falls.</summary>
public sealed record RegionEntry(int Row, SignalId Signal, BankId Bank, SignalState State, DateTimeOffset? DisabledUntil)
{
    /// <inheritdoc cref="IndexedSignal.IsShadow"/>
    public bool IsShadow => State == SignalState.Probation;

    /// <inheritdoc cref="IndexedSignal.IsLiveAt"/>
    public bool IsLiveAt(DateTimeOffset moment) =>
        State == SignalState.Live || (State == SignalState.Disabled && moment >= DisabledUntil);
}
