namespace Palisade.Signals.Regions;

/// <summary>How sure a score makes it that a picture was made from another. Never sure enough for an automatic report.</summary>
public enum RegionBand
{
    /// <summary>Chance gives such scores too: no match.</summary>
    None = 0,

    /// <summary>For a reviewer only: the same room or series gives such scores as well.</summary>
    Possible,

    /// <summary>Made from it, or from a picture of the same scene.</summary>
    Derived,
}

/// <summary>From which score on a band begins. The numbers grow with the bank, as chance matches do.</summary>
public sealed record RegionBands
{
    /// <summary>Default 6: below it chance matches outnumber true ones.</summary>
    public int PossibleFrom { get; init; } = 6;

    /// <summary>In a bank of up to <see cref="SmallBank"/> pictures. Default 10.</summary>
    public int DerivedFrom { get; init; } = 10;

    /// <summary>In a larger bank. Default 12: each point more makes chance matches about four times rarer.</summary>
    public int DerivedFromInLargeBank { get; init; } = 12;

    /// <summary>Pictures up to which a bank is small. Default one million.</summary>
    public int SmallBank { get; init; } = 1_000_000;

    public RegionBand Of(int score, long enrolled)
    {
        var derivedFrom = enrolled <= SmallBank ? DerivedFrom : DerivedFromInLargeBank;
        return score < PossibleFrom ? RegionBand.None : score < derivedFrom ? RegionBand.Possible : RegionBand.Derived;
    }
}
