namespace Palisade.Signals.Regions;

/// <summary>
/// A part of a picture that somebody marked, such as a face, in shares of the upright picture's sides, 0 to 1.
/// </summary>
public readonly record struct MarkedBox(double Left, double Top, double Width, double Height)
{
    /// <summary>Half the side of what a point's code describes, in units of its sigma.</summary>
    private const double PatchReach = 7.5;

    /// <summary>Whether it lies within the picture and is not empty.</summary>
    public bool IsPossible => Left >= 0 && Top >= 0 && Width > 0 && Height > 0 && Left + Width <= 1 && Top + Height <= 1;

    /// <summary>The codes without those that describe any of the box; null where too few are left for any.</summary>
    /// <param name="frame">How the picture was trimmed.</param>
    public RegionCodes? LeaveOut(RegionCodes codes, RegionFrame frame)
    {
        var ((left, top), (right, bottom)) = Within(frame, codes.Width, codes.Height);
        Span<RegionPoint> kept = stackalloc RegionPoint[RegionCodes.DensePoints];
        var count = 0;
        for (var at = 0; at < codes.Count; at++)
        {
            var point = codes[at];
            var x = point.XSteps * (codes.Width - 1) / (double)RegionPoint.PositionSteps;
            var y = point.YSteps * (codes.Height - 1) / (double)RegionPoint.PositionSteps;

            // A patch may be turned: its corners reach farther than its sides.
            var reach = PatchReach * Math.Sqrt(2) * PlainMath.Exp2(point.SigmaSteps / (double)RegionPoint.SigmaStepsPerOctave);
            if (x + reach < left || x - reach > right || y + reach < top || y - reach > bottom)
            {
                kept[count++] = point;
            }
        }

        return count < RegionCodes.LeastPoints ? null : RegionCodes.Of(kept[..count], codes.Width, codes.Height);
    }

    /// <summary>The map without what it says of places in the box, which then show no alteration.</summary>
    public AlteredMap LeaveOut(AlteredMap map, RegionFrame frame)
    {
        var ((left, top), (right, bottom)) = Within(frame, AlteredMap.Side, AlteredMap.Side);

        // A place says how it differs from what is around it: the ring around the box tells of the box as well.
        const int Around = 2;
        return map.Without(
            (int)Math.Floor(left) - Around, (int)Math.Floor(top) - Around, (int)Math.Ceiling(right) + Around, (int)Math.Ceiling(bottom) + Around);
    }

    /// <summary>The box's corners in a grid that is laid over the trimmed picture.</summary>
    private ((double X, double Y) TopLeft, (double X, double Y) BottomRight) Within(RegionFrame frame, int width, int height)
    {
        return (At(Left, Top), At(Left + Width, Top + Height));

        (double X, double Y) At(double shareX, double shareY)
        {
            var (x, y) = frame.FromWhole(shareX, shareY);
            return (((x + 0.5) * width / frame.Width) - 0.5, ((y + 0.5) * height / frame.Height) - 0.5);
        }
    }
}
