using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>
/// An immutable part of the index: pictures by their place in it, and a table of their points by key.
/// </summary>
/// <remarks>
/// A point is known in the table by its picture's place and its own number within the picture (9 bits). Places of
/// pictures that were removed stay, marked, until the segment is made anew.
/// </remarks>
internal sealed class RegionSegment
{
    public const int PointBits = 9;

    /// <summary>So that a point's number has 32 bits.</summary>
    public const int MostPictures = 1 << (32 - PointBits);

    private readonly ulong[]? _gone;

    private RegionSegment(RegionRows rows, RegionTable table, ulong[]? gone, int count)
    {
        (Rows, Table, _gone, Count) = (rows, table, gone, count);
    }

    public RegionRows Rows { get; }

    public RegionTable Table { get; }

    /// <summary>Pictures that are still there.</summary>
    public int Count { get; }

    /// <summary>Pictures, counting those that were removed.</summary>
    public int Places => Rows.Count;

    public bool HasGone => _gone is not null;

    public bool IsMostlyGone => Count < (Places + 1) / 2;

    public static RegionSegment Build(RegionRows rows) => new(rows, RegionTable.Build(rows), null, rows.Count);

    public bool IsGone(int place) => _gone is not null && (_gone[place >> 6] >> (place & 63) & 1) != 0;

    /// <summary>The segment without some pictures: itself when it has none of them.</summary>
    public RegionSegment Without(HashSet<int> rows)
    {
        ulong[]? gone = null;
        var count = Count;
        for (var place = 0; place < Places; place++)
        {
            if (rows.Contains(Rows.RowOf(place)) && !IsGone(place))
            {
                gone ??= _gone is null ? new ulong[(Places + 63) / 64] : (ulong[])_gone.Clone();
                gone[place >> 6] |= 1UL << (place & 63);
                count--;
            }
        }

        return gone is null ? this : new RegionSegment(Rows, Table, gone, count);
    }

    /// <summary>Adds the pictures that are still there.</summary>
    public void CopyTo(RegionRows rows)
    {
        for (var place = 0; place < Places; place++)
        {
            if (!IsGone(place))
            {
                rows.AddFrom(Rows, place);
            }
        }
    }
}
