using Palisade.Signals.Digests;

namespace Palisade.Signals.Search;

/// <summary>Finds rows by the exact digest of a file. Immutable; <see cref="With"/> makes the next generation.</summary>
/// <remarks>Digests of all types share one index. Layers are kept as in <see cref="PdqIndex"/>.</remarks>
public sealed class DigestIndex
{
    private readonly LayeredRows<Digest, DigestBuckets> _rows;

    private DigestIndex(LayeredRows<Digest, DigestBuckets> rows)
    {
        _rows = rows;
        Count = rows.Count;
    }

    public static DigestIndex Empty { get; } = Build([], []);

    /// <summary>How many rows can be found.</summary>
    public int Count { get; }

    /// <summary>Builds an index; the same digest may stand for several rows (several banks).</summary>
    /// <exception cref="ArgumentException">The lengths differ, or a row number occurs twice.</exception>
    public static DigestIndex Build(ReadOnlySpan<Digest> digests, ReadOnlySpan<int> rows) =>
        new(LayeredRows<Digest, DigestBuckets>.Build(digests, rows));

    /// <summary>
    /// The index after some rows went and some came. A row that is added and was there is replaced; one that is
    /// removed and was not there is passed over.
    /// </summary>
    /// <exception cref="ArgumentException">A row is added twice.</exception>
    public DigestIndex With(IReadOnlyCollection<KeyValuePair<int, Digest>> added, IReadOnlyCollection<int> removed) =>
        new(_rows.With(added.Select(row => row.Value).ToArray(), added.Select(row => row.Key).ToArray(), removed));

    /// <summary>Appends every row that has this digest, in no particular order.</summary>
    public void Find(in Digest digest, ICollection<int> found)
    {
        foreach (var layer in _rows.Layers)
        {
            if (layer.Search.Find(digest) is var place and >= 0)
            {
                foreach (var row in layer.RowsOf(place))
                {
                    found.Add(row);
                }
            }
        }
    }
}
