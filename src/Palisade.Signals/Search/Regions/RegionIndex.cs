using System.Collections.Immutable;
using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>
/// Enrolled pictures by their region codes, to be searched by a <see cref="RegionSearcher"/>.
/// </summary>
/// <remarks>
/// Immutable, so any number of threads may search. <see cref="With"/> makes the next generation: it shares the large
/// segments and makes the small one anew, into which what is added goes; a picture is moved a few times in its life. A
/// removal marks pictures; a segment is made anew when more than half of it is gone. The call that joins large segments
/// takes long (seconds for a million pictures): make generations in the background, as searches go on in the old one.
/// </remarks>
public sealed class RegionIndex
{
    /// <summary>A segment is kept while it is at least this many times as large as all that comes after it.</summary>
    private const int Growth = 4;

    /// <summary>Segments below this many pictures are always joined: searching them costs more than making them.</summary>
    private const int LeastSegment = 64;

    private RegionIndex(ImmutableArray<RegionSegment> segments)
    {
        Segments = segments;
        Count = segments.Sum(segment => segment.Count);
    }

    public static RegionIndex Empty { get; } = new([]);

    /// <summary>How many pictures can be found.</summary>
    public int Count { get; }

    /// <summary>Largest first.</summary>
    internal ImmutableArray<RegionSegment> Segments { get; }

    /// <summary>
    /// The index after some pictures went and some came. One that is added under a row that was there replaces it; a row
    /// that is removed and was not there is passed over.
    /// </summary>
    /// <exception cref="ArgumentException">A row is added twice.</exception>
    public RegionIndex With(IReadOnlyCollection<KeyValuePair<int, RegionCodes>> added, IReadOnlyCollection<int> removed)
    {
        var rows = new RegionRows(added.Count, added.Sum(picture => picture.Value.Count));
        var replaced = removed.ToHashSet();
        var seen = new HashSet<int>();
        foreach (var (row, codes) in added)
        {
            if (!seen.Add(row))
            {
                throw new ArgumentException($"Row {row} is added twice; each row has one picture.", nameof(added));
            }

            replaced.Add(row);
            rows.Add(row, codes);
        }

        var segments = Segments.Select(segment => replaced.Count == 0 ? segment : segment.Without(replaced)).ToList();
        for (var at = segments.Count - 1; at >= 0; at--)
        {
            var segment = segments[at];
            var isSmallBesideThem = segment.Count < Math.Max(LeastSegment, (long)Growth * rows.Count);
            var hasRoom = segment.Count + rows.Count <= RegionSegment.MostPictures &&
                segment.Rows.Points + (long)rows.Points <= Array.MaxLength;
            if (segment.IsMostlyGone || (rows.Count > 0 && isSmallBesideThem && hasRoom))
            {
                segment.CopyTo(rows);
                segments.RemoveAt(at);
            }
        }

        return new(Sorted(rows.Count > 0 ? segments.Append(RegionSegment.Build(rows)) : segments));
    }

    /// <summary>The rows of all pictures, in no particular order.</summary>
    public IEnumerable<int> PictureRows => from picture in Pictures() select picture.Rows.RowOf(picture.Place);

    /// <summary>Every picture with its row, in no particular order.</summary>
    internal IEnumerable<(RegionRows Rows, int Place)> Pictures() =>
        from segment in Segments
        from place in Enumerable.Range(0, segment.Places)
        where !segment.IsGone(place)
        select (segment.Rows, place);

    internal static RegionIndex Of(RegionRows rows) => rows.Count == 0 ? Empty : new([RegionSegment.Build(rows)]);

    private static ImmutableArray<RegionSegment> Sorted(IEnumerable<RegionSegment> segments) =>
        [.. segments.OrderByDescending(segment => segment.Count)];
}
