using System.Data.Common;
using Dapper;
using Palisade.Keys;
using Palisade.Signals.Pdq;
using Palisade.Storage;

namespace Palisade.Banks.Importing;

/// <summary>
/// At most 10,000 lines of a list, written in one transaction together with the position that they bring the import to.
/// </summary>
internal sealed class ImportBatch(Bank bank, ImportOptions options, SignalCipher cipher)
{
    /// <summary>Most lines in one transaction.</summary>
    public const int MostLines = 10_000;

    private const int KeysInQuery = 500;

    private readonly List<(ListLine Line, byte[] Key)> _lines = [];
    private readonly List<RefusedLine> _refused = [];

    public bool IsFull => _lines.Count + _refused.Count >= MostLines;

    public long RefusedCount => _refused.Count;

    public void Add(long number, in ListLine line)
    {
        switch (line.Kind)
        {
            case LineKind.Refused:
                _refused.Add(new RefusedLine(number, line.Refusal));
                break;
            case LineKind.Signal when !line.IsWithdrawn && SignalRules.Refuse(bank, line.Value, line.Quality) is { } refusal:
                _refused.Add(new RefusedLine(number, ReasonOf(refusal)));
                break;
            case LineKind.Signal:
                _lines.Add((line, cipher.EqualityKeyOf(bank.Id, line.Value)));
                break;
            default:
                break;
        }
    }

    /// <summary>Writes the batch and empties it. Run again from the start when the transaction is undone.</summary>
    public async Task<ImportRow> WriteAsync(
        DbTransaction transaction, ImportRow before, LineReader reader, bool isLast, DateTimeOffset at)
    {
        // Taken before anything is looked up: whoever holds it is the only one who adds signals.
        var nextId = await Sequences.TakeAsync(transaction, SignalTable.Sequence, _lines.Count);
        var known = await LookUpAsync(transaction, before.Id);
        var after = before with
        {
            State = Words.Of(isLast ? ImportState.Staged : ImportState.Staging),
            PositionBytes = reader.Position,
            PositionLines = reader.LineNumber,
            Refused = before.Refused + _refused.Count,
        };
        foreach (var (line, key) in _lines)
        {
            var signal = known.GetValueOrDefault(key);
            after = (line.IsWithdrawn, signal?.Fate ?? Fate.Absent) switch
            {
                (false, Fate.Absent) => Add(after, known, key, line, new SignalId(nextId++), at),
                (false, Fate.Withdrawn) => after with { AlreadyWithdrawn = after.AlreadyWithdrawn + 1 },
                (false, Fate.ToBeWithdrawn) => Turn(
                    signal!,
                    Fate.Active,
                    after with { Withdrawn = after.Withdrawn - 1, AlreadyThere = after.AlreadyThere + 1 }),
                (false, _) => after with { AlreadyThere = after.AlreadyThere + 1 },
                (true, Fate.Active) => Turn(signal!, Fate.ToBeWithdrawn, after with { Withdrawn = after.Withdrawn + 1 }),
                (true, Fate.Staged) => Turn(
                    signal!,
                    Fate.Absent,
                    after with { Added = after.Added - 1, AlreadyWithdrawn = after.AlreadyWithdrawn + 1 }),
                (true, _) => after with { AlreadyWithdrawn = after.AlreadyWithdrawn + 1 },
            };
        }

        await WriteSignalsAsync(transaction, known.Values, before.Id);
        await ImportTable.AddRefusalsAsync(transaction, before.Id, _refused);
        await ImportTable.AdvanceAsync(transaction, before, after);
        return after;
    }

    public void Clear()
    {
        _lines.Clear();
        _refused.Clear();
    }

    private static LineRefusal ReasonOf(BankRefused refusal) => refusal switch
    {
        BankRefused.EmptyFile => LineRefusal.EmptyFile,
        BankRefused.LowQuality => LineRefusal.LowQuality,
        _ => LineRefusal.Degenerate,
    };

    private static ImportRow Turn(KnownSignal signal, Fate fate, ImportRow counted)
    {
        signal.Fate = fate;
        return counted;
    }

    private ImportRow Add(
        ImportRow after, Dictionary<byte[], KnownSignal> known, byte[] key, in ListLine line, SignalId id, DateTimeOffset at)
    {
        var newSignals = Words.Parse<NewSignals>(after.NewSignals);
        var signal = new Signal
        {
            Id = id,
            Bank = bank.Id,
            Value = line.Value,
            Profile = line.Value.Type == SignalType.Pdq ? line.Profile ?? options.Profile : null,
            Quality = line.Value.Type == SignalType.Pdq ? line.Quality : null,
            Origin = line.Origin ?? "",
            State = newSignals == NewSignals.Live ? SignalState.Live : SignalState.Probation,
            AddedAt = at,
        };
        known.TryAdd(key, new KnownSignal());
        known[key].Added = SignalTable.RowOf(signal, cipher, key, after.Id);
        known[key].Fate = Fate.Staged;
        return after with { Added = after.Added + 1 };
    }

    private async Task<Dictionary<byte[], KnownSignal>> LookUpAsync(DbTransaction transaction, long import)
    {
        var connection = transaction.Connection!;
        var known = new Dictionary<byte[], KnownSignal>(ByteArrayEquality.Instance);
        var sql =
            $"""
            SELECT s.id AS Id, s.value_key AS ValueKey, s.state AS State, s.import_id AS ImportId, i.state AS ImportState,
                   s.withdraw_import_id AS WithdrawImportId, w.state AS WithdrawState
            FROM signal s
            LEFT JOIN bank_import i ON i.id = s.import_id
            LEFT JOIN bank_import w ON w.id = s.withdraw_import_id
            WHERE {Dialect.Of(connection).IsOneOf("s.value_key", "@keys")}
            """;
        foreach (var keys in _lines.Select(line => line.Key).Chunk(KeysInQuery))
        {
            foreach (var row in await connection.QueryAsync<KnownRow>(sql, new { keys }, transaction))
            {
                known[row.ValueKey] = new KnownSignal { Stored = row, Fate = row.FateFor(import) };
                known[row.ValueKey].StoredFate = known[row.ValueKey].Fate;
            }
        }

        return known;
    }

    private static async Task WriteSignalsAsync(
        DbTransaction transaction, IReadOnlyCollection<KnownSignal> signals, long import)
    {
        await DeleteAsync(transaction, signals.Where(signal => signal.MustGo).Select(signal => signal.Stored!.Id));
        await Dialect.InsertRowsAsync(
            transaction,
            "signal",
            SignalTable.Columns,
            signals.Where(signal => signal is { Fate: Fate.Staged, Added: not null }).Select(signal => signal.Added!));
        var turned = signals.Where(signal => signal.Stored is not null && signal.Fate != signal.StoredFate).ToList();
        await SetWithdrawalAsync(transaction, turned.Where(signal => signal.Fate == Fate.ToBeWithdrawn), import);
        await SetWithdrawalAsync(transaction, turned.Where(signal => signal.Fate == Fate.Active), null);
    }

    private static async Task DeleteAsync(DbTransaction transaction, IEnumerable<long> signals)
    {
        var connection = transaction.Connection!;
        foreach (var ids in signals.Chunk(KeysInQuery))
        {
            await connection.ExecuteAsync(
                $"DELETE FROM signal WHERE {Dialect.Of(connection).IsOneOf("id", "@ids")}", new { ids }, transaction);
        }
    }

    private static async Task SetWithdrawalAsync(DbTransaction transaction, IEnumerable<KnownSignal> signals, long? import)
    {
        var connection = transaction.Connection!;
        foreach (var ids in signals.Select(signal => signal.Stored!.Id).Chunk(KeysInQuery))
        {
            await connection.ExecuteAsync(
                $"UPDATE signal SET withdraw_import_id = @import WHERE {Dialect.Of(connection).IsOneOf("id", "@ids")}",
                new { import, ids },
                transaction);
        }
    }

    /// <summary>What a value is to this list so far.</summary>
    private enum Fate
    {
        /// <summary>Not held (or left over from a discarded list).</summary>
        Absent,

        /// <summary>Added by this list.</summary>
        Staged,

        /// <summary>Held, and not withdrawn.</summary>
        Active,

        /// <summary>Held, and this list takes it back.</summary>
        ToBeWithdrawn,

        Withdrawn,
    }

    private sealed class KnownSignal
    {
        public KnownRow? Stored { get; init; }

        public Fate StoredFate { get; set; }

        public Fate Fate { get; set; }

        /// <summary>The row to insert.</summary>
        public object?[]? Added { get; set; }

        /// <summary>A stored row that counts for nothing: left over, or staged by this list and taken back on a later line.</summary>
        public bool MustGo => Stored is not null &&
            (StoredFate == Fate.Absent || (StoredFate == Fate.Staged && (Fate == Fate.Absent || Added is not null)));
    }

    private sealed record KnownRow(
        long Id, byte[] ValueKey, long State, long? ImportId, string? ImportState, long? WithdrawImportId, string? WithdrawState)
    {
        private const string LiveWord = "live";

        public Fate FateFor(long import) =>
            ImportId == import && ImportState != LiveWord ? Fate.Staged
            : ImportId is not null && ImportState != LiveWord ? Fate.Absent
            : (SignalState)State == SignalState.Withdrawn || WithdrawState == LiveWord ? Fate.Withdrawn
            : WithdrawImportId == import ? Fate.ToBeWithdrawn
            : Fate.Active;
    }

    private sealed class ByteArrayEquality : IEqualityComparer<byte[]>
    {
        public static readonly ByteArrayEquality Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        /// <summary>The keys are evenly spread already, being cut from an HMAC.</summary>
        public int GetHashCode(byte[] obj) => BitConverter.ToInt32(obj);
    }
}
