namespace Palisade.Signals.Regions;

/// <summary>A point of an enrolled picture as it is kept: its code and, in steps, where it lies.</summary>
/// <param name="Code">63 bits; bit 63 is 0.</param>
/// <param name="Place">
/// From bit 0: x in 1,023rds of the width less one pixel (10 bits), y likewise (10), the logarithm of sigma to base 2 in
/// eighths (6), the angle in 64ths of a turn (6).
/// </param>
internal readonly record struct RegionPoint(ulong Code, uint Place)
{
    public const int PositionSteps = 1023;
    public const int SigmaStepsPerOctave = 8;
    public const int AngleSteps = 64;

    public int XSteps => (int)(Place & 0x3FF);

    public int YSteps => (int)(Place >> 10 & 0x3FF);

    public int SigmaSteps => (int)(Place >> 20 & 0x3F);

    public int TurnSteps => (int)(Place >> 26);

    public static RegionPoint Of(in RegionQueryPoint point, int width, int height)
    {
        var x = Steps(point.X, width);
        var y = Steps(point.Y, height);
        var sigma = (uint)Math.Clamp(Math.Round(PlainMath.Log2(point.Sigma) * SigmaStepsPerOctave), 0, 63);
        var turn = (uint)((int)Math.Round(point.Angle * AngleSteps / (2 * Math.PI)) & (AngleSteps - 1));
        return new RegionPoint(point.Code, x | y << 10 | sigma << 20 | turn << 26);
    }

    private static uint Steps(float at, int side) =>
        (uint)Math.Clamp(Math.Round(at * (double)PositionSteps / Math.Max(1, side - 1)), 0, PositionSteps);
}
