namespace Palisade.Signals.Regions;

/// <summary>A turn, a scale and a shift: x' = a x - b y + shiftX, y' = b x + a y + shiftY.</summary>
public readonly record struct Similarity(double A, double B, double ShiftX, double ShiftY)
{
    public double Scale => Math.Sqrt((A * A) + (B * B));

    public (double X, double Y) Apply(double x, double y) =>
        ((A * x) - (B * y) + ShiftX, (B * x) + (A * y) + ShiftY);

    /// <summary>What leads back; only of a similarity whose scale is not 0.</summary>
    public Similarity Inverse()
    {
        var square = (A * A) + (B * B);
        var (a, b) = (A / square, -B / square);
        return new Similarity(a, b, -((a * ShiftX) - (b * ShiftY)), -((b * ShiftX) + (a * ShiftY)));
    }
}

/// <summary>
/// Where an enrolled picture lies in an upload: from pixels of the one to pixels of the other, both trimmed and reduced.
/// A mirrored upload is mirrored back first: the similarity leads to x from its right edge.
/// </summary>
/// <param name="Width">Of the enrolled picture, in the pixels that the similarity leads from.</param>
public readonly record struct RegionTransform(Similarity Similarity, bool IsMirrored, int Width, int Height)
{
    /// <summary>From pixels of the enrolled picture to pixels of an upload so many pixels wide.</summary>
    public (double X, double Y) ToUpload(double x, double y, int uploadWidth)
    {
        var (toX, toY) = Similarity.Apply(x, y);
        return (IsMirrored ? uploadWidth - 1 - toX : toX, toY);
    }

    /// <summary>From pixels of an upload so many pixels wide to pixels of the enrolled picture.</summary>
    public (double X, double Y) FromUpload(double x, double y, int uploadWidth) =>
        Similarity.Inverse().Apply(IsMirrored ? uploadWidth - 1 - x : x, y);
}
