namespace Palisade.Signals.Regions;

/// <summary>A point of a picture that is looked up.</summary>
/// <param name="X">In pixels of the trimmed and reduced picture, centres at integers.</param>
/// <param name="Sigma">In the same pixels.</param>
/// <param name="Angle">In radians, clockwise as the picture is seen.</param>
/// <param name="Code">63 bits; bit 63 is 0.</param>
/// <param name="WeakKeyBits">
/// The five bits of its key whose coefficients lie nearest to their medians: those that an alteration flips first.
/// </param>
internal readonly record struct RegionQueryPoint(
    float X, float Y, float Sigma, float Angle, ulong Code, uint WeakKeyBits);
