namespace Palisade.Evidence.Holds.Destruction;

/// <summary>When the sweep looks for evidence that is due, and when it does not believe the clock.</summary>
public sealed record SweepOptions
{
    /// <summary>
    /// Time between two sweeps after which the clock is not believed and nothing is destroyed until a person confirms it.
    /// Default 3 days: under the six days by which usual holds are longer than the law's year.
    /// </summary>
    public TimeSpan LongestSilence { get; init; } = TimeSpan.FromDays(3);

    /// <summary>How often a running service sweeps. Default one hour.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What is wrong with these options and how to mend it; null when nothing is.</summary>
    public string? Fault() =>
        LongestSilence < TimeSpan.FromHours(2) || LongestSilence > TimeSpan.FromDays(5)
            ? "sweep.longestSilence must be between 02:00:00 and 5.00:00:00: a clock that is off by more could end a hold too early."
        : Every < TimeSpan.FromMinutes(1) || Every > LongestSilence / 2
            ? "sweep.every must be between 00:01:00 and half of sweep.longestSilence, or each sweep would doubt the clock."
        : null;
}
