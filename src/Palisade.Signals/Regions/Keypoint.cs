namespace Palisade.Signals.Regions;

/// <summary>A point of a picture that is found again after alterations: an extremum of the differences.</summary>
/// <param name="Octave">From 0; each has half the pixels of the one before.</param>
/// <param name="Level">The difference that it was found in, 1 to 3.</param>
/// <param name="X">In the octave's pixels, pixel centres at integers.</param>
/// <param name="Sigma">In the octave's pixels.</param>
internal readonly record struct Keypoint(int Octave, int Level, float X, float Y, float Sigma, float Score)
{
    /// <summary>A coordinate in the picture's pixels.</summary>
    public float InPicture(float coordinate) => ((coordinate + 0.5f) * (1 << Octave)) - 0.5f;
}
