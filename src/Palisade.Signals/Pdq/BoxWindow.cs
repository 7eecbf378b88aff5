namespace Palisade.Signals.Pdq;

/// <summary>
/// The window of PDQ's box filter along one axis: which samples are averaged into which output.
/// </summary>
/// <param name="Length">How many samples the axis has.</param>
/// <param name="Size">Samples in a whole window: the length over 128, rounded up, so that two rounds span 1/64.</param>
/// <param name="Reach">
/// An output and the samples after it, in its window. An even window reaches one further ahead than back.
/// </param>
internal readonly record struct BoxWindow(int Length, int Size, int Reach)
{
    public static BoxWindow For(int length)
    {
        var size = (int)((length + 127L) / 128);
        return new BoxWindow(length, size, (size + 2) / 2);
    }

    /// <summary>The first output whose window is whole; the ones before have lost samples beyond the first.</summary>
    public int FirstWhole => Size - Reach;

    /// <summary>The last output whose window is whole; the ones after have lost samples beyond the last.</summary>
    public int LastWhole => Length - Reach;

    /// <summary>How many samples an output's window holds: at the borders it shrinks, nothing is padded.</summary>
    public int CountAt(int output) =>
        Math.Min(Length - 1, output + Reach - 1) - Math.Max(0, output + Reach - Size) + 1;
}
