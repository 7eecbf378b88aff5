using System.Data.Common;
using Dapper;
using Palisade.Keys;
using Palisade.Signals.Pdq;
using Palisade.Storage;

namespace Palisade.Banks.Importing;

/// <summary>
/// Some lines of a list, written in one transaction together with the position that they bring the import to.
/// </summary>
/// <remarks>
/// Nearly every line of a long list is either new or there already, and named once. So a value's first line is inserted
/// unless it is there, and only what is left over is looked up and thought about.
/// </remarks>
internal sealed class ImportBatch(Bank bank, ImportOptions options, SignalCipher cipher)
{
    /// <summary>
    /// Most lines in one transaction. On SQLite everybody else's writes wait for it, so it has to be over soon, and a
    /// smaller one would only pay for more syncs: the pages that a line dirties are its own either way.
    /// </summary>
    public const int MostLines = 2500;

    private readonly HashSet<byte[]> _keys = new(ByteArrayEquality.Instance);

    /// <summary>The first line of each value, unless it withdraws it.</summary>
    private readonly List<KeyedLine> _first = [];

    /// <summary>All other lines.</summary>
    private readonly List<KeyedLine> _further = [];
    private readonly List<RefusedLine> _refused = [];

    public bool IsFull => _first.Count + _further.Count + _refused.Count >= MostLines;

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
                var key = cipher.EqualityKeyOf(bank.Id, line.Value);
                (_keys.Add(key) && !line.IsWithdrawn ? _first : _further).Add(new KeyedLine(line, key));
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
        var firstId = await Sequences.TakeAsync(transaction, SignalTable.Sequence, _first.Count + _further.Count);
        var inserted = await Dialect.InsertMissingRowsAsync(
            transaction,
            "signal",
            SignalTable.Columns,
            "value_key",
            _first.Select((line, i) => RowOf(line, new SignalId(firstId + i), before, at)));
        var rest = _first.Where((_, i) => !inserted.Contains(firstId + i)).Concat(_further).ToList();
        var known = await KnownSignal.LookUpAsync(transaction, rest.Select(line => line.Key), before.Id);
        var nextId = firstId + _first.Count;
        var after = before with
        {
            State = Words.Of(isLast ? ImportState.Staged : ImportState.Staging),
            PositionBytes = reader.Position,
            PositionLines = reader.LineNumber,
            Added = before.Added + inserted.Count,
            Refused = before.Refused + _refused.Count,
        };
        foreach (var (line, key) in rest)
        {
            var signal = known.GetValueOrDefault(key);
            after = (line.IsWithdrawn, signal?.Fate ?? Fate.Absent) switch
            {
                (false, Fate.Absent) => Add(after, known, new KeyedLine(line, key), new SignalId(nextId++), at),
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
        _keys.Clear();
        _first.Clear();
        _further.Clear();
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
        ImportRow after, Dictionary<byte[], KnownSignal> known, in KeyedLine line, SignalId id, DateTimeOffset at)
    {
        known.TryAdd(line.Key, new KnownSignal());
        known[line.Key].Added = RowOf(line, id, after, at);
        known[line.Key].Fate = Fate.Staged;
        return after with { Added = after.Added + 1 };
    }

    private object?[] RowOf(in KeyedLine keyed, SignalId id, ImportRow import, DateTimeOffset at)
    {
        var line = keyed.Line;
        var signal = new Signal
        {
            Id = id,
            Bank = bank.Id,
            Value = line.Value,
            Profile = line.Value.Type == SignalType.Pdq ? line.Profile ?? options.Profile : null,
            Quality = line.Value.Type == SignalType.Pdq ? line.Quality : null,
            Origin = line.Origin ?? "",
            State = Words.Parse<NewSignals>(import.NewSignals) == NewSignals.Live ? SignalState.Live : SignalState.Probation,
            AddedAt = at,
        };
        return SignalTable.RowOf(signal, cipher, keyed.Key, import.Id);
    }

    private static async Task WriteSignalsAsync(
        DbTransaction transaction, Dictionary<byte[], KnownSignal>.ValueCollection signals, long import)
    {
        if (signals.Count == 0)
        {
            return;
        }

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
        var (isOne, those) = Dialect.Of(connection).OneOf("id", "@those", signals);
        await connection.ExecuteAsync($"DELETE FROM signal WHERE {isOne}", new { those }, transaction);
    }

    private static async Task SetWithdrawalAsync(DbTransaction transaction, IEnumerable<KnownSignal> signals, long? import)
    {
        var connection = transaction.Connection!;
        var (isOne, those) = Dialect.Of(connection).OneOf("id", "@those", signals.Select(signal => signal.Stored!.Id));
        await connection.ExecuteAsync(
            $"UPDATE signal SET withdraw_import_id = @import WHERE {isOne}", new { import, those }, transaction);
    }

    private readonly record struct KeyedLine(ListLine Line, byte[] Key);
}
