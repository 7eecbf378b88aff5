namespace Palisade.Signals.Regions;

/// <summary>Where the picture that positions refer to lies in the whole one.</summary>
/// <param name="Width">Of the trimmed and reduced picture, in which points have their positions.</param>
/// <param name="Box">The trimmed part of the whole picture.</param>
/// <param name="WholeWidth">Of the upright picture as it was trimmed: reduced to 1,024 pixels where it was larger.</param>
public readonly record struct RegionFrame(int Width, int Height, TrimBox Box, int WholeWidth, int WholeHeight)
{
    public double Diagonal => Math.Sqrt(((double)Width * Width) + ((double)Height * Height));

    /// <summary>From shares of the whole picture, 0 to 1, to pixels of the trimmed and reduced one, centres at integers.</summary>
    public (double X, double Y) FromWhole(double x, double y) =>
        ((((x * WholeWidth) - Box.Left) * Width / Box.Width) - 0.5,
            (((y * WholeHeight) - Box.Top) * Height / Box.Height) - 0.5);
}
