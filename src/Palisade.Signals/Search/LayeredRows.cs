using System.Collections.Immutable;

namespace Palisade.Signals.Search;

/// <summary>
/// The rows of an index as a few immutable layers, each at least four times the next: a new generation shares the
/// large ones and makes the small ones anew.
/// </summary>
/// <remarks>
/// An addition makes a layer of its own and takes in the layers behind it that are small beside it, so that a row is
/// moved a few times in its life and a handful of changes never touches the large layers. A removal only marks rows.
/// A layer is made anew when more than half of its rows are gone.
/// </remarks>
internal sealed class LayeredRows<TKey, TSearch>
    where TKey : unmanaged
    where TSearch : ILayerSearch<TKey, TSearch>
{
    /// <summary>A layer is kept while it is at least this many times as large as all that comes after it.</summary>
    private const int Growth = 4;

    /// <summary>Layers below this many rows are always joined: searching them costs more than making them.</summary>
    private const int LeastLayer = 1024;

    private LayeredRows(ImmutableArray<Layer<TKey, TSearch>> layers)
    {
        Layers = layers;
    }

    /// <summary>Largest first.</summary>
    public ImmutableArray<Layer<TKey, TSearch>> Layers { get; }

    public int Count
    {
        get
        {
            var count = 0;
            foreach (var layer in Layers)
            {
                count += layer.Count;
            }

            return count;
        }
    }

    public static LayeredRows<TKey, TSearch> Build(ReadOnlySpan<TKey> keys, ReadOnlySpan<int> rows)
    {
        if (keys.Length != rows.Length)
        {
            throw new ArgumentException(
                $"{keys.Length} keys need as many row numbers, not {rows.Length}.", nameof(rows));
        }

        if (keys.IsEmpty)
        {
            return new([]);
        }

        var copy = LargeArray.Allocate<TKey>(keys.Length);
        keys.CopyTo(copy);
        return new([Layer<TKey, TSearch>.Build(copy, rows.ToArray())]);
    }

    /// <summary>Removes rows, then adds rows; a row that is added and was there is replaced.</summary>
    public LayeredRows<TKey, TSearch> With(TKey[] addedKeys, int[] addedRows, IReadOnlyCollection<int> removed)
    {
        var layers = Layers.ToList();
        for (var at = 0; at < layers.Count; at++)
        {
            layers[at] = layers[at].Without(removed, addedRows);
        }

        var (keys, rows) = (addedKeys.ToList(), addedRows.ToList());
        for (var at = layers.Count - 1; at >= 0; at--)
        {
            var layer = layers[at];
            var isSmallBesideThem = layer.Count < Math.Max(LeastLayer, (long)Growth * rows.Count);
            if (layer.IsMostlyGone || (rows.Count > 0 && isSmallBesideThem))
            {
                layer.CopyTo(keys, rows);
                layers.RemoveAt(at);
            }
        }

        if (rows.Count > 0)
        {
            layers.Add(Layer<TKey, TSearch>.Build(keys.ToArray(), rows.ToArray()));
            layers.Sort(static (left, right) => right.Count.CompareTo(left.Count));
        }

        return new([.. layers]);
    }
}
