using Palisade.Signals.Digests;

namespace Palisade.Signals.Search;

/// <summary>Finds rows by the exact digest of a file. Immutable; <see cref="With"/> makes the next generation.</summary>
public sealed class DigestIndex
{
    public static DigestIndex Empty { get; } = Build([], []);

    /// <summary>How many rows can be found.</summary>
    public int Count => throw new NotSupportedException();

    /// <summary>Builds an index; the same digest may stand for several rows (several banks).</summary>
    public static DigestIndex Build(ReadOnlySpan<Digest> digests, ReadOnlySpan<int> rows) => throw new NotSupportedException();

    /// <summary>The index after some rows came and some went.</summary>
    public DigestIndex With(IReadOnlyCollection<KeyValuePair<int, Digest>> added, IReadOnlyCollection<int> removed) =>
        throw new NotSupportedException();

    /// <summary>Appends every row that has this digest.</summary>
    public void Find(in Digest digest, ICollection<int> found) => throw new NotSupportedException();
}
