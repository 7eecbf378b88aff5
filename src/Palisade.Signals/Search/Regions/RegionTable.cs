using System.Numerics;
using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>
/// The points of a segment in the order of their 24-bit keys: each point's code, and apart from it which point it is.
/// </summary>
/// <remarks>
/// Where each key's points begin is found by the key's highest bits: all 24 in a large segment, fewer in a small one,
/// whose places then hold the points of several keys. Codes lie apart from numbers because a search compares hundreds of
/// codes for each point that is near enough to be named.
/// </remarks>
internal sealed class RegionTable
{
    private const int LeastStartBits = 8;

    private readonly int[] _starts;
    private readonly ulong[] _codes;
    private readonly uint[] _points;

    private RegionTable(int startBits, int[] starts, ulong[] codes, uint[] points)
    {
        (Shift, _starts, _codes, _points) = (RegionKey.BitCount - startBits, starts, codes, points);
    }

    /// <summary>Where the points of a place begin; one more at the end.</summary>
    public ReadOnlySpan<int> Starts => _starts;

    public ReadOnlySpan<ulong> Codes => _codes;

    /// <summary>A point's picture and number, see <see cref="RegionSegment"/>.</summary>
    public ReadOnlySpan<uint> Points => _points;

    /// <summary>A key's place is its bits from here on. Above 0 a place holds several keys.</summary>
    public int Shift { get; }

    public static RegionTable Build(RegionRows rows)
    {
        var startBits = Math.Clamp(BitOperations.Log2((uint)Math.Max(1, rows.Points)) + 1, LeastStartBits, RegionKey.BitCount);
        var shift = RegionKey.BitCount - startBits;
        var starts = LargeArray.Allocate<int>((1 << startBits) + 1);
        var codes = LargeArray.Allocate<ulong>(rows.Points);
        var points = LargeArray.Allocate<uint>(rows.Points);
        if (startBits < RegionKey.BitCount)
        {
            Fill(0, starts.Length - 1);
        }
        else
        {
            // Two halves of the keys, which share nothing but what they read.
            Parallel.Invoke(() => Count(0, starts.Length / 2), () => Count(starts.Length / 2, starts.Length - 1));
            AddUp();
            Parallel.Invoke(() => Place(0, starts.Length / 2), () => Place(starts.Length / 2, starts.Length - 1));
            MoveBack();
        }

        return new RegionTable(startBits, starts, codes, points);

        void Fill(int first, int end)
        {
            Count(first, end);
            AddUp();
            Place(first, end);
            MoveBack();
        }

        void Count(int first, int end)
        {
            foreach (var code in rows.Codes)
            {
                var place = (int)(RegionKey.Of(code) >> shift);
                if (place >= first && place < end)
                {
                    starts[place]++;
                }
            }
        }

        void AddUp()
        {
            var sum = 0;
            for (var place = 0; place < starts.Length; place++)
            {
                (starts[place], sum) = (sum, sum + starts[place]);
            }
        }

        void Place(int first, int end)
        {
            for (var picture = 0; picture < rows.Count; picture++)
            {
                var number = (uint)picture << RegionSegment.PointBits;
                foreach (var code in rows.CodesOf(picture))
                {
                    var place = (int)(RegionKey.Of(code) >> shift);
                    if (place >= first && place < end)
                    {
                        var at = starts[place]++;
                        (codes[at], points[at]) = (code, number);
                    }

                    number++;
                }
            }
        }

        // Each start has become its place's end, which is the next one's start.
        void MoveBack()
        {
            Array.Copy(starts, 0, starts, 1, starts.Length - 1);
            starts[0] = 0;
        }
    }
}
