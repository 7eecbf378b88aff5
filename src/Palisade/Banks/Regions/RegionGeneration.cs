using Palisade.Signals.Regions;
using Palisade.Signals.Search.Regions;

namespace Palisade.Banks.Regions;

/// <summary>Every picture with region codes as it stood after one change. Immutable, so any number of threads may search it.</summary>
public sealed class RegionGeneration
{
    private readonly RegionIndex _index;
    private readonly RegionEntries _entries;

    internal RegionGeneration(long number, RegionIndex index, RegionEntries entries)
    {
        Number = number;
        (_index, _entries) = (index, entries);
    }

    /// <summary>The sequence number of the last change that is in here with all before it.</summary>
    public long Number { get; }

    /// <summary>How many pictures can be found.</summary>
    public int Count => _index.Count;

    /// <summary>Finds every picture that an upload was made from, the highest score first, whatever their state.</summary>
    public IReadOnlyList<(RegionEntry Picture, RegionMatch Match)> Find(RegionSearcher searcher, RegionQuery query, int leastScore)
    {
        var matches = new List<RegionMatch>();
        searcher.Search(_index, query, matches, leastScore);
        return [.. from match in matches where _entries[match.Row] is not null select (_entries[match.Row]!, match)];
    }
}

/// <summary>Which signal each row stands for. Immutable; <see cref="With"/> copies only the pages that it touches.</summary>
internal sealed class RegionEntries
{
    private const int PageRows = 4096;

    private readonly RegionEntry?[]?[] _pages;

    private RegionEntries(RegionEntry?[]?[] pages) => _pages = pages;

    public static RegionEntries Empty { get; } = new([]);

    public RegionEntry? this[int row] => row / PageRows < _pages.Length ? _pages[row / PageRows]?[row % PageRows] : null;

    public RegionEntries With(IReadOnlyCollection<RegionEntry> set, IReadOnlyCollection<int> gone)
    {
        var last = set.Select(entry => entry.Row).DefaultIfEmpty(-1).Max();
        var pages = new RegionEntry?[]?[Math.Max(_pages.Length, (last / PageRows) + 1)];
        _pages.CopyTo(pages, 0);
        var own = new HashSet<int>();
        foreach (var entry in set)
        {
            Set(entry.Row, entry);
        }

        foreach (var row in gone)
        {
            Set(row, null);
        }

        return new RegionEntries(pages);

        void Set(int row, RegionEntry? entry)
        {
            var page = row / PageRows;
            if (own.Add(page))
            {
                pages[page] = pages[page] is { } known ? [.. known] : new RegionEntry?[PageRows];
            }

            pages[page]![row % PageRows] = entry;
        }
    }
}
