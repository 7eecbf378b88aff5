namespace Palisade.Review;

/// <summary>The clocks of cases.</summary>
public sealed record ReviewOptions
{
    /// <summary>Within what time a person should have decided a case. Default 24 hours.</summary>
    public TimeSpan DecideWithin { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Age of the oldest held upload from which the log says so and goes on saying so. Default 4 hours.</summary>
    public TimeSpan HeldAlarmAfter { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long a decision can be undone before anything leaves. Default 10 seconds; a threat to life does not wait.</summary>
    public TimeSpan UndoWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What is wrong with these options and how to mend it; null when nothing is.</summary>
    public string? Fault() =>
        DecideWithin < TimeSpan.FromMinutes(1) || DecideWithin > TimeSpan.FromDays(30)
            ? "review.decideWithin must be between 00:01:00 and 30.00:00:00: a held upload never waits without a clock."
        : HeldAlarmAfter < TimeSpan.FromMinutes(1) || HeldAlarmAfter > DecideWithin
            ? "review.heldAlarmAfter must be at least 00:01:00 and at most review.decideWithin."
        : UndoWithin < TimeSpan.Zero || UndoWithin > TimeSpan.FromMinutes(10)
            ? "review.undoWithin must be between 00:00:00 and 00:10:00: what was decided must not wait longer for its effect."
        : null;
}
