namespace Palisade.Signals.Search;

/// <summary>How one kind of key is sorted and found within a layer.</summary>
internal interface ILayerSearch<TKey, TSelf>
    where TKey : unmanaged
    where TSelf : ILayerSearch<TKey, TSelf>
{
    /// <summary>A number that sorts equal keys together; keys that differ may share it.</summary>
    public static abstract ulong SortKey(in TKey key);

    public static abstract int Compare(TKey left, TKey right);

    /// <summary>Makes the tables by which a key's place among these distinct keys is found.</summary>
    public static abstract TSelf Build(TKey[] distinctKeys);
}

/// <summary>An immutable set of rows with their keys; equal keys are kept, and searched, once.</summary>
internal sealed class Layer<TKey, TSearch>
    where TKey : unmanaged
    where TSearch : ILayerSearch<TKey, TSearch>
{
    // Place p of Keys has the rows _rows[_starts[p]] up to _rows[_starts[p + 1]].
    private readonly int[] _starts;
    private readonly int[] _rows;

    // Places in _rows, sorted by row number.
    private readonly int[] _byRow;

    // One bit for each place in _rows, null while all are there.
    private readonly ulong[]? _gone;

    private Layer(TKey[] keys, TSearch search, int[] starts, int[] rows, int[] byRow, ulong[]? gone, int count)
    {
        (Keys, Search, _starts, _rows, _byRow, _gone, Count) = (keys, search, starts, rows, byRow, gone, count);
    }

    /// <summary>Distinct keys, sorted.</summary>
    public TKey[] Keys { get; }

    public TSearch Search { get; }

    /// <summary>How many rows are still there.</summary>
    public int Count { get; }

    public bool IsMostlyGone => Count == 0 || Count < _rows.Length / 2;

    /// <summary>Builds a layer and keeps both arrays.</summary>
    /// <exception cref="ArgumentException">A row number occurs twice.</exception>
    public static Layer<TKey, TSearch> Build(TKey[] keys, int[] rows)
    {
        SortByKey(keys, rows);

        var starts = new int[CountDistinct(keys) + 1];
        var distinctKeys = starts.Length - 1 == keys.Length ? keys : LargeArray.Allocate<TKey>(starts.Length - 1);
        var distinct = 0;
        for (var at = 0; at < keys.Length; at++)
        {
            if (at == 0 || TSearch.Compare(keys[at - 1], keys[at]) != 0)
            {
                starts[distinct] = at;
                distinctKeys[distinct++] = keys[at];
            }
        }

        starts[distinct] = keys.Length;
        return new(distinctKeys, TSearch.Build(distinctKeys), starts, rows, SortByRow(rows), null, rows.Length);
    }

    /// <summary>This layer with some of its rows marked as gone; rows that it does not have are passed over.</summary>
    public Layer<TKey, TSearch> Without(IReadOnlyCollection<int> removed, IReadOnlyCollection<int> replaced)
    {
        ulong[]? gone = null;
        var count = Count;
        Mark(removed);
        Mark(replaced);
        return gone is null ? this : new(Keys, Search, _starts, _rows, _byRow, gone, count);

        void Mark(IReadOnlyCollection<int> rows)
        {
            foreach (var row in rows)
            {
                if (Find(row) is var place and >= 0 && !IsGone(gone ?? _gone, place))
                {
                    gone ??= (ulong[]?)_gone?.Clone() ?? new ulong[(_rows.Length + 63) / 64];
                    gone[place >> 6] |= 1UL << (place & 63);
                    count--;
                }
            }
        }
    }

    /// <summary>Appends the rows that are still there, with their keys.</summary>
    public void CopyTo(List<TKey> keys, List<int> rows)
    {
        for (var key = 0; key < Keys.Length; key++)
        {
            foreach (var row in RowsOf(key))
            {
                keys.Add(Keys[key]);
                rows.Add(row);
            }
        }
    }

    /// <summary>The rows that have the key at this place.</summary>
    public RowEnumerator RowsOf(int place) => new(this, _starts[place], _starts[place + 1]);

    private static bool IsGone(ulong[]? gone, int place) =>
        gone is not null && (gone[place >> 6] >> (place & 63) & 1) != 0;

    private int Find(int row)
    {
        var (low, high) = (0, _byRow.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var place = _byRow[middle];
            if (_rows[place] == row)
            {
                return place;
            }

            (low, high) = _rows[place] < row ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    private static int CountDistinct(TKey[] sorted)
    {
        var count = Math.Min(1, sorted.Length);
        for (var at = 1; at < sorted.Length; at++)
        {
            count += TSearch.Compare(sorted[at - 1], sorted[at]) != 0 ? 1 : 0;
        }

        return count;
    }

    private static void SortByKey(TKey[] keys, int[] rows)
    {
        var order = new int[keys.Length];
        var sortKeys = new ulong[keys.Length];
        for (var at = 0; at < keys.Length; at++)
        {
            order[at] = at;
            sortKeys[at] = TSearch.SortKey(keys[at]);
        }

        Array.Sort(sortKeys, order);
        var (oldKeys, oldRows) = ((TKey[])keys.Clone(), (int[])rows.Clone());
        for (var at = 0; at < keys.Length; at++)
        {
            keys[at] = oldKeys[order[at]];
            rows[at] = oldRows[order[at]];
        }

        for (var first = 0; first < keys.Length;)
        {
            var end = first + 1;
            while (end < keys.Length && sortKeys[end] == sortKeys[first])
            {
                end++;
            }

            if (end - first > 1)
            {
                keys.AsSpan(first..end).Sort(rows.AsSpan(first..end), TSearch.Compare);
            }

            first = end;
        }
    }

    private static int[] SortByRow(int[] rows)
    {
        var places = new int[rows.Length];
        for (var place = 0; place < places.Length; place++)
        {
            places[place] = place;
        }

        var sorted = (int[])rows.Clone();
        Array.Sort(sorted, places);
        for (var at = 1; at < sorted.Length; at++)
        {
            if (sorted[at] == sorted[at - 1])
            {
                throw new ArgumentException($"Row {sorted[at]} occurs twice; each row has one key.", nameof(rows));
            }
        }

        return places;
    }

    /// <summary>The rows of one key, passing over those that are gone.</summary>
    public struct RowEnumerator(Layer<TKey, TSearch> layer, int start, int end)
    {
        private int _at = start - 1;

        public readonly int Current => layer._rows[_at];

        public readonly RowEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            do
            {
                _at++;
            }
            while (_at < end && IsGone(layer._gone, _at));

            return _at < end;
        }
    }
}
