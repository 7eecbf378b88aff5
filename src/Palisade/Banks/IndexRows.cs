using Palisade.Signals.Pdq;

namespace Palisade.Banks;

/// <summary>A signal as a row of the index: 24 bytes, no object.</summary>
internal readonly struct IndexRow
{
    private const sbyte Absent = -1;

    private readonly long _disabledUntil;
    private readonly sbyte _profile;
    private readonly sbyte _quality;
    private readonly byte _type;
    private readonly byte _state;

    public IndexRow(
        long signal, int bankSlot, SignalType type, PdqProfile? profile, int? quality, SignalState state, long? disabledUntil)
    {
        Signal = signal;
        BankSlot = bankSlot;
        _type = (byte)type;
        _profile = profile is { } p ? (sbyte)p : Absent;
        _quality = quality is { } q ? (sbyte)q : Absent;
        _state = (byte)state;
        _disabledUntil = disabledUntil ?? 0;
    }

    public long Signal { get; }

    public int BankSlot { get; }

    public SignalType Type => (SignalType)_type;

    public SignalState State => (SignalState)_state;

    public IndexRow AsWithdrawn() => new(Signal, BankSlot, Type, null, null, SignalState.Withdrawn, null);

    public IndexedSignal With(Bank bank) => new(
        new SignalId(Signal),
        bank,
        Type,
        _profile == Absent ? null : (PdqProfile)_profile,
        _quality == Absent ? null : _quality,
        State,
        State == SignalState.Disabled ? DateTimeOffset.FromUnixTimeMilliseconds(_disabledUntil) : null);
}

/// <summary>
/// The rows of one generation, by row number. Immutable; <see cref="Edit"/> makes the next and copies only the pages that
/// it touches.
/// </summary>
internal sealed class IndexRows
{
    private const int PageRows = 4096;

    private readonly IndexRow[][] _pages;

    private IndexRows(IndexRow[][] pages, int count)
    {
        _pages = pages;
        Count = count;
    }

    public static IndexRows Empty { get; } = new([], 0);

    public int Count { get; }

    public ref readonly IndexRow this[int row] => ref _pages[row / PageRows][row % PageRows];

    public Editor Edit() => new(this);

    /// <summary>Finds a signal among the first rows, which are in the order of their signals' numbers; -1 when absent.</summary>
    public int FindSorted(long signal, int sortedRows)
    {
        var (low, high) = (0, sortedRows - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var there = this[middle].Signal;
            if (there == signal)
            {
                return middle;
            }

            (low, high) = there < signal ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    public sealed class Editor
    {
        private readonly List<IndexRow[]> _pages;
        private readonly HashSet<int> _ownPages = [];
        private int _count;

        internal Editor(IndexRows rows)
        {
            _pages = [.. rows._pages];
            _count = rows.Count;
        }

        public int Append(IndexRow row)
        {
            if (_count % PageRows == 0)
            {
                _ownPages.Add(_pages.Count);
                _pages.Add(new IndexRow[PageRows]);
            }

            this[_count] = row;
            return _count++;
        }

        public IndexRow this[int row]
        {
            get => _pages[row / PageRows][row % PageRows];
            set
            {
                var page = row / PageRows;
                if (_ownPages.Add(page))
                {
                    _pages[page] = [.. _pages[page]];
                }

                _pages[page][row % PageRows] = value;
            }
        }

        public IndexRows ToRows() => new([.. _pages], _count);
    }
}
