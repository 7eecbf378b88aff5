using Palisade.Signals.Regions;

namespace Palisade.Scanning;

/// <summary>How altered copies are told, by region codes.</summary>
public sealed record RegionOptions
{
    /// <summary>Points at which a match is possible: for a reviewer. Default 6, at least 4.</summary>
    public int PossibleFrom { get; init; } = new RegionBands().PossibleFrom;

    /// <summary>Points from which an upload counts as made from an enrolled picture. Default 10.</summary>
    public int DerivedFrom { get; init; } = new RegionBands().DerivedFrom;

    /// <summary>The same once more than <see cref="SmallBank"/> pictures are enrolled. Default 12.</summary>
    public int DerivedFromInLargeBank { get; init; } = new RegionBands().DerivedFromInLargeBank;

    /// <summary>Enrolled pictures up to which <see cref="DerivedFrom"/> holds. Default one million.</summary>
    public int SmallBank { get; init; } = new RegionBands().SmallBank;

    /// <summary>Keep 300 points of a picture instead of 200: finds smaller patches, half as much memory again.</summary>
    public bool Dense { get; init; }

    /// <summary>Keep the map by which the place of an alteration is seen. It reveals most of a picture.</summary>
    public bool Map { get; init; } = true;

    public int Points => Dense ? RegionCodes.DensePoints : RegionCodes.DefaultPoints;

    public RegionBands Bands => new()
    {
        PossibleFrom = PossibleFrom,
        DerivedFrom = DerivedFrom,
        DerivedFromInLargeBank = DerivedFromInLargeBank,
        SmallBank = SmallBank,
    };

    /// <summary>What is wrong, with what to change; null when all is well.</summary>
    public string? Fault() => this switch
    {
        { PossibleFrom: < 4 } => "regions.possibleFrom: at least 4; below 6 chance matches outnumber true ones.",
        _ when DerivedFrom < PossibleFrom => "regions.derivedFrom: at least regions.possibleFrom.",
        _ when DerivedFromInLargeBank < DerivedFrom => "regions.derivedFromInLargeBank: at least regions.derivedFrom.",
        { SmallBank: < 1 } => "regions.smallBank: at least 1.",
        _ => null,
    };
}
