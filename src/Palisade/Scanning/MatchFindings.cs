namespace Palisade.Scanning;

/// <summary>Everything the banks say about one upload, before Policy has a word.</summary>
public sealed record MatchFindings
{
    /// <summary>The state of the banks that was asked.</summary>
    public required long IndexGeneration { get; init; }

    /// <summary>Matches of live signals, the exact ones first, then by distance.</summary>
    public required IReadOnlyList<Match> Matches { get; init; }

    /// <summary>Matches of signals on probation.</summary>
    public required IReadOnlyList<Match> Shadow { get; init; }

    /// <summary>Perceptual matches that a never-match entry took away.</summary>
    public required IReadOnlyList<Match> Overruled { get; init; }

    /// <summary>The picture itself is a never-match entry: nothing perceptual is said of it.</summary>
    public bool IsKnownFalseAlarm { get; init; }

    /// <summary>Some bank's look could not be compared because the upload has too little in it.</summary>
    public required bool IsLowQuality { get; init; }
}
