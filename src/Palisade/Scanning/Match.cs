using Palisade.Banks;
using Palisade.Signals.Pdq;

namespace Palisade.Scanning;

/// <summary>
/// Content met a signal: which bank, which signal, how far apart, and which threshold was in force.
/// </summary>
public sealed record Match
{
    public required Bank Bank { get; init; }

    public required SignalId Signal { get; init; }

    public required SignalType Type { get; init; }

    /// <summary>Differing bits of a PDQ match; 0 for a digest.</summary>
    public required int DistanceBits { get; init; }

    /// <summary>The bank's largest distance at the time; 0 for a digest.</summary>
    public required int ThresholdBits { get; init; }

    /// <summary>How the upload had to be turned to match.</summary>
    public Orientation Orientation { get; init; }

    /// <summary>Which frame of an animation matched, from 0.</summary>
    public int Frame { get; init; }

    /// <summary>The signal is on probation, or the match is only possible: recorded, and never acted upon.</summary>
    public bool IsShadow { get; init; }

    /// <summary>How the upload was made from the signal's picture; null where it is a copy as it stands.</summary>
    public RegionFound? Region { get; init; }

    /// <summary>A cryptographic match: the very same bytes.</summary>
    public bool IsExact => Type != SignalType.Pdq;
}
