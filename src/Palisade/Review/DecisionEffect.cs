using System.Data.Common;

namespace Palisade.Review;

/// <summary>
/// Something that follows from a decision in the very transaction in which it becomes effective: a report is drafted, a bank
/// is changed. Registered once with <see cref="CaseBook.Follow"/>.
/// </summary>
public sealed record DecisionEffect
{
    /// <summary>
    /// Stands in the lines that come before those of cases (bank, signal, bank_change); see <see cref="Storage.Sequences"/>.
    /// Null where it needs none.
    /// </summary>
    public Func<DbTransaction, Task>? StandInLine { get; init; }

    /// <summary>
    /// Makes its changes with this transaction alone. When it throws, the decision does not become effective and is tried
    /// again by the next sweep.
    /// </summary>
    public required Func<DbTransaction, EffectiveDecision, Task> Apply { get; init; }
}

/// <summary>A decision that has become effective, or one that was and is overturned because its case was opened again.</summary>
/// <param name="Case">As it was before.</param>
/// <param name="Position">Of the decision in its case, from 1.</param>
/// <param name="IsOverturned">The case was reopened, so what followed from the decision is to be withdrawn.</param>
public sealed record EffectiveDecision(Case Case, long Position, CaseDecision Decision, DateTimeOffset At, bool IsOverturned)
{
    /// <summary>A reviewer concluded that it is apparent abuse material, and that stands.</summary>
    public bool IsConfirmed => !IsOverturned && Decision.Outcome is CaseOutcome.ApparentAbuseMaterial;
}
