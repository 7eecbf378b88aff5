using Palisade.Signals.Pdq;

namespace Palisade.Signals.Search;

/// <summary>A signal found near a needle: the caller's row number and how many bits differ.</summary>
public readonly record struct PdqNeighbour(int Row, int Distance);

/// <summary>A signal found near one of several needles, which are counted from 0.</summary>
public readonly record struct PdqNeedleNeighbour(int Needle, int Row, int Distance);

/// <summary>
/// Finds every PDQ hash within a radius of a needle: exact at every radius from 0 to 255.
/// </summary>
/// <remarks>
/// Immutable, so any number of threads may search, and a search allocates nothing. <see cref="With"/> makes the next
/// generation from this one: it shares the large layers and makes small ones anew, so that a handful of changes costs
/// well under a millisecond whatever the size. Once in a while, when the changes since have grown to a quarter of a
/// layer, the call that crosses that line makes the layer anew (about a second for a million rows): make generations
/// on a background thread, as searches go on in the old one. About 120 bytes a row at a million rows.
/// No value is special here, not even the all-zero hash: the caller keeps low quality out.
/// </remarks>
public sealed class PdqIndex
{
    /// <summary>Needles that one pass over a list counts out: their hashes fill a small part of the nearest cache.</summary>
    private const int PassNeedles = 64;

    private readonly LayeredRows<PdqHash, PdqBuckets> _rows;

    private PdqIndex(LayeredRows<PdqHash, PdqBuckets> rows)
    {
        _rows = rows;
        Count = rows.Count;
    }

    public static PdqIndex Empty { get; } = Build([], []);

    /// <summary>How many rows can be found.</summary>
    public int Count { get; }

    /// <summary>Builds an index over hashes; <paramref name="rows"/> gives each one's row number, any unique set.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or a row number occurs twice.</exception>
    public static PdqIndex Build(ReadOnlySpan<PdqHash> hashes, ReadOnlySpan<int> rows)
    {
        var shuffled = new PdqHash[hashes.Length];
        for (var at = 0; at < shuffled.Length; at++)
        {
            shuffled[at] = BitShuffle.Shuffle(hashes[at]);
        }

        return new(LayeredRows<PdqHash, PdqBuckets>.Build(shuffled, rows));
    }

    /// <summary>
    /// The index after some rows went and some came. A row that is added and was there is replaced; one that is
    /// removed and was not there is passed over.
    /// </summary>
    /// <exception cref="ArgumentException">A row is added twice.</exception>
    public PdqIndex With(IReadOnlyCollection<KeyValuePair<int, PdqHash>> added, IReadOnlyCollection<int> removed) =>
        new(_rows.With(
            added.Select(row => BitShuffle.Shuffle(row.Value)).ToArray(),
            added.Select(row => row.Key).ToArray(),
            removed));

    /// <summary>Appends every row within <paramref name="radius"/> bits of the needle, in no particular order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The radius is not from 0 to 255.</exception>
    public void Find(in PdqHash needle, int radius, ICollection<PdqNeighbour> found)
    {
        Check(radius);
        var shuffled = BitShuffle.Shuffle(needle);
        foreach (var layer in _rows.Layers)
        {
            layer.Search.Find(shuffled, radius, new PdqFinds(layer, found));
        }
    }

    /// <summary>
    /// Appends every row within <paramref name="radius"/> bits of each needle, in no particular order. Where the list
    /// has to be counted out (it is small, or the radius large), that is one pass for all needles.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The radius is not from 0 to 255.</exception>
    public void FindAll(ReadOnlySpan<PdqHash> needles, int radius, ICollection<PdqNeedleNeighbour> found)
    {
        Check(radius);
        Span<PdqHash> shuffled = stackalloc PdqHash[PassNeedles];
        for (var first = 0; first < needles.Length; first += PassNeedles)
        {
            var part = needles[first..Math.Min(needles.Length, first + PassNeedles)];
            for (var at = 0; at < part.Length; at++)
            {
                shuffled[at] = BitShuffle.Shuffle(part[at]);
            }

            FindPart(shuffled[..part.Length], first, radius, found);
        }
    }

    /// <summary>Appends every row with its hash, in no particular order.</summary>
    public void CopyTo(ICollection<KeyValuePair<int, PdqHash>> pairs)
    {
        foreach (var layer in _rows.Layers)
        {
            for (var place = 0; place < layer.Keys.Length; place++)
            {
                foreach (var row in layer.RowsOf(place))
                {
                    pairs.Add(KeyValuePair.Create(row, BitShuffle.Unshuffle(layer.Keys[place])));
                }
            }
        }
    }

    private void FindPart(
        ReadOnlySpan<PdqHash> needles, int first, int radius, ICollection<PdqNeedleNeighbour> found)
    {
        foreach (var layer in _rows.Layers)
        {
            var finds = new PdqFinds(layer, found, first);
            if (!layer.Search.UsesTables(radius))
            {
                layer.Search.CountOutAll(needles, radius, finds);
                continue;
            }

            for (var at = 0; at < needles.Length; at++)
            {
                layer.Search.Find(needles[at], radius, finds.After(at));
            }
        }
    }

    private static void Check(int radius)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(radius, PdqHash.BitCount);
    }
}

/// <summary>Where a search puts the places it finds in one layer: for one needle, or for many by their numbers.</summary>
internal readonly struct PdqFinds : IScanFinds
{
    private readonly Layer<PdqHash, PdqBuckets> _layer;
    private readonly ICollection<PdqNeighbour>? _one;
    private readonly ICollection<PdqNeedleNeighbour>? _many;
    private readonly int _needle;

    public PdqFinds(Layer<PdqHash, PdqBuckets> layer, ICollection<PdqNeighbour> found)
    {
        (_layer, _one) = (layer, found);
    }

    public PdqFinds(Layer<PdqHash, PdqBuckets> layer, ICollection<PdqNeedleNeighbour> found, int needle)
    {
        (_layer, _many, _needle) = (layer, found, needle);
    }

    /// <summary>The same, for a needle so many numbers on.</summary>
    public PdqFinds After(int needles) => new(_layer, _many!, _needle + needles);

    public void Add(int needle, int place, int distance) => After(needle).Add(place, distance);

    public void Add(int place, int distance)
    {
        foreach (var row in _layer.RowsOf(place))
        {
            _one?.Add(new PdqNeighbour(row, distance));
            _many?.Add(new PdqNeedleNeighbour(_needle, row, distance));
        }
    }
}
