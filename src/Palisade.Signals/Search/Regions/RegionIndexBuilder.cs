using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>Builds a large index at once: add the pictures, then build.</summary>
/// <param name="pictures">How many to make room for; there may be more.</param>
/// <param name="points">Points of all of them.</param>
public sealed class RegionIndexBuilder(int pictures = 0, int points = 0)
{
    private readonly HashSet<int> _seen = new(pictures);
    private RegionRows _rows = new(pictures, points);

    /// <exception cref="ArgumentException">The row is there already.</exception>
    /// <exception cref="InvalidOperationException">There are 8,388,608 pictures: make another index beside this one.</exception>
    public void Add(int row, RegionCodes codes)
    {
        if (_rows.Count == RegionSegment.MostPictures)
        {
            throw new InvalidOperationException(
                $"An index is built of {RegionSegment.MostPictures:#,0} pictures at most; add the others with With, or split the bank.");
        }

        if (!_seen.Add(row))
        {
            throw new ArgumentException($"Row {row} is added twice; each row has one picture.", nameof(row));
        }

        _rows.Add(row, codes);
    }

    /// <summary>Builds the index; the builder is empty after it.</summary>
    public RegionIndex Build()
    {
        var index = RegionIndex.Of(_rows);
        _rows = new RegionRows(0, 0);
        _seen.Clear();
        return index;
    }
}
