namespace Palisade.Signals.Pdq;

/// <summary>
/// Which pixels go into a PDQ hash. The field uses two, 0 to 10 bits apart, so a signal says which one made it.
/// </summary>
public enum PdqProfile
{
    /// <summary>Full resolution: what python-threatexchange and HMA compute. Canonical here.</summary>
    Full,

    /// <summary>
    /// Nearest neighbour to exactly 512 x 512 when either side is larger: what the C++ file tool computes.
    /// </summary>
    Nn512,
}
