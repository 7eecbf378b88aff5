using System.Data.Common;
using System.Runtime.InteropServices;
using Palisade.Keys;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;
using Palisade.Signals.Search;

namespace Palisade.Banks;

/// <summary>
/// The state from which generations are made: read whole from the store, then changed in step with the change log. For
/// one thread at a time.
/// </summary>
/// <remarks>
/// Applying a change means reading its subject as it stands now. So it does not matter when a change is applied twice or
/// when the subject is newer than the change, and no snapshot of the store has to be held open during a long load.
/// </remarks>
internal sealed class IndexDraft
{
    private readonly Dictionary<BankId, int> _slotOfBank = [];
    private readonly List<Bank?> _bankOfSlot = [];

    /// <summary>Signals that came after the load; earlier ones lie sorted in the first rows.</summary>
    private readonly Dictionary<long, int> _laterRowOf = [];

    private int _sortedRows;
    private IndexRows _rows = IndexRows.Empty;
    private PdqIndex _pdq = PdqIndex.Empty;
    private ExactIndex _digests = ExactIndex.Empty;

    private IndexDraft(long sequence) => Sequence = sequence;

    /// <summary>Every change up to here was applied, but for those that the caller put off.</summary>
    public long Sequence { get; private set; }

    /// <summary>Rows that came or went since the load.</summary>
    public int ChangedRows { get; private set; }

    /// <summary>Reads everything from the store: some seconds for each million signals, and then the building of the index.</summary>
    /// <param name="newSnapshot">Makes the snapshot that is written beside; null writes none.</param>
    public static async Task<IndexDraft> LoadAsync(
        DbConnection connection,
        SignalCipher cipher,
        Func<LogPlace, IndexSnapshot.Writer?> newSnapshot,
        CancellationToken cancellationToken)
    {
        // Number first, signals next, banks last: whatever comes in between is in the log after the number, and every
        // signal's bank is there.
        var draft = new IndexDraft(await Storage.Sequences.LastAsync(connection, BankChangeLog.Feed));
        var loading = new Loading(draft);
        using var snapshot = await LogPlace.AtAsync(connection, draft.Sequence) is { } place ? newSnapshot(place) : null;
        await foreach (var signal in SignalReader.ReadActiveAsync(connection, cipher, cancellationToken))
        {
            loading.Add(signal);
            snapshot?.Add(signal);
        }

        snapshot?.Finish();
        await loading.FinishAsync(connection);
        return draft;
    }

    /// <summary>Reads everything from a snapshot; the log's changes since are still to be applied.</summary>
    /// <returns>Null where the store's log is not the one that the snapshot was made from.</returns>
    /// <exception cref="InvalidDataException">The snapshot is damaged or was changed.</exception>
    public static async Task<IndexDraft?> LoadAsync(DbConnection connection, IndexSnapshot.Reader snapshot)
    {
        var place = snapshot.Place;
        if (await LogPlace.AtAsync(connection, place.Sequence) is not { } known || !known.Mark.AsSpan().SequenceEqual(place.Mark))
        {
            return null;
        }

        var draft = new IndexDraft(place.Sequence);
        var loading = new Loading(draft);
        foreach (var signal in snapshot.ReadSignals())
        {
            loading.Add(signal);
        }

        await loading.FinishAsync(connection);
        return draft;
    }

    /// <summary>The generation that this draft makes now.</summary>
    public IndexGeneration ToGeneration(long number) => new(number, [.. _bankOfSlot], _rows, _pdq, _digests);

    /// <summary>Applies changes that follow <see cref="Sequence"/>.</summary>
    /// <param name="mostRows">A list that touches more signals than this is put off.</param>
    /// <returns>The sequence number of the first change that was put off, or null.</returns>
    public async Task<long?> ApplyAsync(
        DbConnection connection, IReadOnlyList<BankChange> changes, int mostRows, SignalCipher cipher)
    {
        long? putOff = null;
        HashSet<long> touched = [];
        List<ActiveSignal> active = [];
        foreach (var change in changes)
        {
            if (change.Signal is { } signal)
            {
                touched.Add(signal.Number);
            }

            if (change.Import is not { } import)
            {
                continue;
            }

            var ids = await SignalReader.IdsOfImportAsync(connection, import, mostRows + 1);
            if (ids.Count > mostRows)
            {
                putOff ??= change.Sequence;
            }
            else
            {
                touched.UnionWith(ids);
            }
        }

        if (touched.Count > 0)
        {
            active = await SignalReader.ReadActiveAsync(connection, touched, cipher);
        }

        // After the signals, so that the bank of each is there.
        if (changes.Any(change => change.Kind is BankChange.BankCreated or BankChange.BankChanged or BankChange.BankRemoved))
        {
            SetBanks(await BankTable.ListAsync(connection));
        }

        Apply(touched, active);
        Sequence = changes[^1].Sequence;
        return putOff;
    }

    private void Apply(HashSet<long> touched, List<ActiveSignal> active)
    {
        var editor = _rows.Edit();
        List<KeyValuePair<int, PdqHash>> hashes = [];
        List<KeyValuePair<int, Digest>> digests = [];
        List<int> goneHashes = [];
        List<int> goneDigests = [];
        var gonePacked = 0;
        foreach (var signal in active)
        {
            touched.Remove(signal.Id);
            if (FindRow(signal.Id) is { } known && editor[known].State != SignalState.Withdrawn)
            {
                editor[known] = RowOf(signal);
                continue;
            }

            var row = editor.Append(RowOf(signal));
            _laterRowOf[signal.Id] = row;
            if (signal.Value.Type == SignalType.Pdq)
            {
                hashes.Add(new(row, signal.Value.Pdq));
            }
            else
            {
                digests.Add(new(row, signal.Value.Digest));
            }
        }

        // What was touched and is not active is withdrawn.
        foreach (var gone in touched)
        {
            if (FindRow(gone) is { } row && editor[row].State != SignalState.Withdrawn)
            {
                if (row < _sortedRows && ExactIndex.IsPacked(editor[row].Type))
                {
                    gonePacked++;
                }
                else
                {
                    (editor[row].Type == SignalType.Pdq ? goneHashes : goneDigests).Add(row);
                }

                editor[row] = editor[row].AsWithdrawn();
            }
        }

        _rows = editor.ToRows();
        if (hashes.Count + goneHashes.Count > 0)
        {
            _pdq = _pdq.With(hashes, goneHashes);
        }

        if (digests.Count + goneDigests.Count + gonePacked > 0)
        {
            _digests = _digests.With(digests, goneDigests, gonePacked);
        }

        ChangedRows += hashes.Count + digests.Count + goneHashes.Count + goneDigests.Count + gonePacked;
    }

    private int? FindRow(long signal)
    {
        if (_laterRowOf.TryGetValue(signal, out var later))
        {
            return later;
        }

        var row = _rows.FindSorted(signal, _sortedRows);
        return row < 0 ? null : row;
    }

    private IndexRow RowOf(in ActiveSignal signal) => new(
        signal.Id, SlotOf(signal.Bank), signal.Value.Type, signal.Profile, signal.Quality, signal.State, signal.DisabledUntil);

    private int SlotOf(BankId bank)
    {
        if (!_slotOfBank.TryGetValue(bank, out var slot))
        {
            slot = _bankOfSlot.Count;
            _slotOfBank.Add(bank, slot);
            _bankOfSlot.Add(null);
        }

        return slot;
    }

    private void SetBanks(IReadOnlyList<Bank> banks)
    {
        for (var slot = 0; slot < _bankOfSlot.Count; slot++)
        {
            _bankOfSlot[slot] = null;
        }

        foreach (var bank in banks)
        {
            _bankOfSlot[SlotOf(bank.Id)] = bank;
        }
    }

    /// <summary>A draft while its signals come in, in the order of their numbers.</summary>
    private sealed class Loading(IndexDraft draft)
    {
        private readonly IndexRows.Editor _rows = draft._rows.Edit();
        private readonly List<PdqHash> _hashes = [];
        private readonly List<int> _hashRows = [];
        private readonly ExactIndex.Builder _digests = new();

        public void Add(in ActiveSignal signal)
        {
            var row = _rows.Append(draft.RowOf(signal));
            if (signal.Value.Type == SignalType.Pdq)
            {
                _hashes.Add(signal.Value.Pdq);
                _hashRows.Add(row);
            }
            else
            {
                _digests.Add(signal.Value.Digest, row);
            }
        }

        public async Task FinishAsync(DbConnection connection)
        {
            draft._rows = _rows.ToRows();
            draft._sortedRows = draft._rows.Count;
            draft._pdq = PdqIndex.Build(CollectionsMarshal.AsSpan(_hashes), CollectionsMarshal.AsSpan(_hashRows));
            draft._digests = _digests.Build();
            draft.SetBanks(await BankTable.ListAsync(connection));
        }
    }
}
