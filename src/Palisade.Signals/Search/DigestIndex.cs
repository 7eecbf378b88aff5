using Palisade.Signals.Digests;

namespace Palisade.Signals.Search;

/// <summary>Finds rows by the exact digest of a file. Immutable; <see cref="With"/> makes the next generation.</summary>
public sealed class DigestIndex
{
    private readonly Dictionary<int, Digest> _digests;

    private DigestIndex(Dictionary<int, Digest> digests)
    {
        _digests = digests;
    }

    public static DigestIndex Empty { get; } = Build([], []);

    /// <summary>How many rows can be found.</summary>
    public int Count => _digests.Count;

    /// <summary>Builds an index; the same digest may stand for several rows (several banks).</summary>
    public static DigestIndex Build(ReadOnlySpan<Digest> digests, ReadOnlySpan<int> rows)
    {
        var index = new Dictionary<int, Digest>();
        for (var at = 0; at < digests.Length; at++)
        {
            index.Add(rows[at], digests[at]);
        }

        return new DigestIndex(index);
    }

    /// <summary>The index after some rows came and some went.</summary>
    public DigestIndex With(IReadOnlyCollection<KeyValuePair<int, Digest>> added, IReadOnlyCollection<int> removed)
    {
        var next = new Dictionary<int, Digest>(_digests);
        foreach (var row in removed)
        {
            next.Remove(row);
        }

        foreach (var (row, digest) in added)
        {
            next[row] = digest;
        }

        return new DigestIndex(next);
    }

    /// <summary>Appends every row that has this digest.</summary>
    public void Find(in Digest digest, ICollection<int> found)
    {
        foreach (var (row, other) in _digests)
        {
            if (other == digest)
            {
                found.Add(row);
            }
        }
    }
}
