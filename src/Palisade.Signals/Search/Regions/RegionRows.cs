using System.Runtime.InteropServices;
using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>Enrolled pictures one behind the other: 12 bytes for each point, and 12 for each picture.</summary>
/// <remarks>Pictures are added until it is given to a segment; from then on it stays as it is.</remarks>
internal sealed class RegionRows
{
    private Picture[] _pictures;
    private ulong[] _codes;
    private uint[] _places;
    private int _points;

    /// <param name="pictures">How many to make room for; there may be more.</param>
    public RegionRows(int pictures, int points)
    {
        _pictures = new Picture[pictures];
        _codes = LargeArray.Allocate<ulong>(points);
        _places = LargeArray.Allocate<uint>(points);
    }

    public int Count { get; private set; }

    public int Points => _points;

    public ReadOnlySpan<ulong> Codes => _codes.AsSpan(0, _points);

    public void Add(int row, RegionCodes codes)
    {
        Reserve(codes.Count);
        _pictures[Count++] = new Picture(row, _points, (ushort)codes.Width, (ushort)codes.Height);
        for (var at = 0; at < codes.Count; at++)
        {
            var point = codes[at];
            (_codes[_points], _places[_points]) = (point.Code, point.Place);
            _points++;
        }
    }

    public void AddFrom(RegionRows rows, int place)
    {
        var count = rows.PointsOf(place);
        Reserve(count);
        var picture = rows._pictures[place];
        _pictures[Count++] = picture with { First = _points };
        rows.CodesOf(place).CopyTo(_codes.AsSpan(_points));
        rows.PlacesOf(place).CopyTo(_places.AsSpan(_points));
        _points += count;
    }

    public int RowOf(int place) => _pictures[place].Row;

    public (int Width, int Height) SizeOf(int place) => (_pictures[place].Width, _pictures[place].Height);

    public int FirstOf(int place) => _pictures[place].First;

    public int PointsOf(int place) => (place + 1 < Count ? _pictures[place + 1].First : _points) - _pictures[place].First;

    public ReadOnlySpan<ulong> CodesOf(int place) => _codes.AsSpan(_pictures[place].First, PointsOf(place));

    public ReadOnlySpan<uint> PlacesOf(int place) => _places.AsSpan(_pictures[place].First, PointsOf(place));

    /// <summary>A picture's codes in their binary form.</summary>
    public RegionCodes CodesAt(int place)
    {
        Span<RegionPoint> points = stackalloc RegionPoint[PointsOf(place)];
        for (var at = 0; at < points.Length; at++)
        {
            points[at] = new RegionPoint(CodesOf(place)[at], PlacesOf(place)[at]);
        }

        return RegionCodes.Of(points, _pictures[place].Width, _pictures[place].Height);
    }

    private void Reserve(int points)
    {
        if (Count == _pictures.Length)
        {
            Array.Resize(ref _pictures, Math.Max(16, Count + (Count / 2)));
        }

        if (_points + points > _codes.Length)
        {
            var length = (int)Math.Min(Array.MaxLength, Math.Max(_points + points, _points * 3L / 2));
            Grow(ref _codes, length);
            Grow(ref _places, length);
        }
    }

    private void Grow<T>(ref T[] array, int length)
        where T : unmanaged
    {
        var grown = LargeArray.Allocate<T>(length);
        array.AsSpan(0, _points).CopyTo(grown);
        array = grown;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Picture(int Row, int First, ushort Width, ushort Height);
}
