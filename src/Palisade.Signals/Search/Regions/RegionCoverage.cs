namespace Palisade.Signals.Search.Regions;

/// <summary>What became of an enrolled picture in an upload.</summary>
public enum RegionDirection
{
    /// <summary>It is there from end to end, though parts may be repainted: the background was kept.</summary>
    BackgroundKept = 0,

    /// <summary>The upload is a part of it.</summary>
    Cropped,

    /// <summary>The upload shows it and more around it: a frame, a collage, a screen.</summary>
    Framed,

    /// <summary>A part of it lies in another picture.</summary>
    PatchPasted,
}

/// <summary>
/// How far the points that were found again reach over the part of each picture that has points at all, 0 to 1: even
/// sky, walls and borders count for neither.
/// </summary>
public readonly record struct RegionCoverage(double OfEnrolled, double OfUpload)
{
    /// <summary>
    /// Points reach over this share of a picture that is there from end to end. Measured on the conformance set.
    /// </summary>
    private const double WholeFrom = 0.45;

    public RegionDirection Direction => (OfEnrolled >= WholeFrom, OfUpload >= WholeFrom) switch
    {
        (true, true) => RegionDirection.BackgroundKept,
        (false, true) => RegionDirection.Cropped,
        (true, false) => RegionDirection.Framed,
        _ => RegionDirection.PatchPasted,
    };
}
