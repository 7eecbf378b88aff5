namespace Palisade.Signals.Search.Regions;

/// <summary>An enrolled point that a point of the upload may be: both by number, and how many bits of their codes differ.</summary>
internal readonly record struct PointPair(short Query, short Enrolled, byte Distance)
{
    /// <summary>Sorts by distance, then by the query's number, then by the enrolled one's.</summary>
    public uint SortKey => ((uint)Distance << 20) + ((uint)Query << 10) + (uint)Enrolled;

    public static PointPair FromSortKey(uint key) =>
        new((short)(key >> 10 & 0x3FF), (short)(key & 0x3FF), (byte)(key >> 20));
}
