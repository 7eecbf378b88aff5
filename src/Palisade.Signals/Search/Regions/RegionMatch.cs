using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>An enrolled picture that an upload was found to show, in whole or in part.</summary>
/// <param name="Row">The caller's number of the enrolled picture.</param>
/// <param name="Score">How many of its points were found again, each where it must be.</param>
public readonly record struct RegionMatch(int Row, int Score, RegionTransform Transform, RegionCoverage Coverage);
