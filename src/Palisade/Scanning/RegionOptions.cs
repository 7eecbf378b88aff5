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

    /// <summary>Uploads that wait at most for their regions after the answer; then the answer waits instead. Default 10,000.</summary>
    public int MostWaiting { get; init; } = 10_000;

    /// <summary>Their bytes at most, in the store. Default 1 GiB.</summary>
    public long MostWaitingBytes { get; init; } = 1L << 30;

    /// <summary>Uploads that this node compares at once after their answers. Default 1; 0 leaves it to other nodes.</summary>
    public int Workers { get; init; } = 1;

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
        { MostWaiting: < 0 } or { MostWaitingBytes: < 0 } => "regions.mostWaiting and mostWaitingBytes: 0 or more.",
        { Workers: < 0 or > 64 } => "regions.workers: 0 to 64.",
        { SmallBank: < 1 } => "regions.smallBank: at least 1.",
        _ => null,
    };
}
