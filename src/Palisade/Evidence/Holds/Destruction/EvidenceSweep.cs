using Palisade.Audit;
using Palisade.Evidence.Holds.Retention;
using Palisade.Review;
using Palisade.Storage;

namespace Palisade.Evidence.Holds.Destruction;

/// <summary>
/// Destroys evidence that is due by policy and that nothing holds, and ends what an earlier process had begun to destroy.
/// </summary>
/// <remarks>
/// In doubt it destroys nothing: not while the clock is implausible, not while a row of a hold is damaged or missing, not
/// while two laws exclude each other. Several sweeps may run at the same time; each piece is destroyed once.
/// </remarks>
public sealed class EvidenceSweep(
    Store store,
    EvidenceVault vault,
    CaseBook cases,
    HoldBook holds,
    EvidenceRegister register,
    DestructionBook destructions,
    RetentionBook retention,
    RetentionChoices choices,
    AuditLog audit,
    SweepOptions options,
    TimeProvider clock)
{
    private const int Page = 500;

    /// <summary>Sweeps once.</summary>
    /// <param name="cancellationToken">Heeded between pieces of evidence and between the steps of each.</param>
    /// <exception cref="AuditUnavailableException">The log took no entry, so the sweep stopped and nothing more was destroyed.</exception>
    public async Task<SweepOutcome> RunAsync(CancellationToken cancellationToken)
    {
        if (await RefuseAsync(mayMoveClock: true, cancellationToken) is { } refusal)
        {
            return new SweepOutcome { Refusal = refusal };
        }

        var destroyed = new List<SweptEvidence>();
        foreach (var unfinished in await destructions.UnfinishedAsync(cancellationToken))
        {
            if (await destructions.FinishAsync(unfinished, cancellationToken) is DestructionAnswer.Done done)
            {
                destroyed.Add(new SweptEvidence(done.Record.Evidence, done.Record.Facts.Rule));
            }
        }

        var resumed = destroyed.Count;
        var looked = await LookAsync(
            async due =>
            {
                if (await BeginAsync(due, cancellationToken) is { } begun &&
                    await destructions.FinishAsync(begun, cancellationToken) is DestructionAnswer.Done)
                {
                    destroyed.Add(due);
                }
            },
            cancellationToken);
        return looked with { Destroyed = destroyed, Resumed = resumed };
    }

    /// <summary>Says what a sweep would destroy now, and destroys nothing.</summary>
    public async Task<SweepOutcome> RehearseAsync(CancellationToken cancellationToken)
    {
        if (await RefuseAsync(mayMoveClock: false, cancellationToken) is { } refusal)
        {
            return new SweepOutcome { Refusal = refusal };
        }

        var unfinished = await destructions.UnfinishedAsync(cancellationToken);
        var due = unfinished.Select(record => new SweptEvidence(record.Evidence, record.Facts.Rule)).ToList();
        var looked = await LookAsync(
            evidence =>
            {
                if (due.TrueForAll(known => known.Id != evidence.Id))
                {
                    due.Add(evidence);
                }

                return Task.CompletedTask;
            },
            cancellationToken);
        return looked with { Destroyed = due, Resumed = unfinished.Count };
    }

    /// <summary>Believes the clock again, after a long silence or a wrong date. Refused when the date is not the clock's own.</summary>
    /// <param name="today">The day that the person says it is, UTC.</param>
    /// <returns>Null when believed, else why not.</returns>
    public async Task<string?> ConfirmClockAsync(DateOnly today, Actor by, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (DateOnly.FromDateTime(now.UtcDateTime) != today)
        {
            return FormattableString.Invariant(
                $"The clock says {now.UtcDateTime:yyyy-MM-dd} and you say {today:yyyy-MM-dd}. Set the clock right first.");
        }

        await store.WriteAsync(
            async transaction =>
            {
                await HoldBook.LockAsync(transaction);
                await holds.Seen.SetAsync(transaction, now);
                return await audit.AppendAsync(transaction, new AuditEntry
                {
                    Action = "clock.confirmed",
                    Actor = by,
                    Subject = "service/clock",
                    Reason = HoldRefused.Shown(now),
                });
            },
            cancellationToken);
        return null;
    }

    /// <summary>Why nothing may be destroyed now; null when something may.</summary>
    private async Task<SweepRefused?> RefuseAsync(bool mayMoveClock, CancellationToken cancellationToken)
    {
        if (await RefuseClockAsync(mayMoveClock, cancellationToken) is { } doubt)
        {
            return doubt;
        }

        if (await holds.CheckAsync(cancellationToken) is { Count: > 0 } faults)
        {
            return new SweepRefused.HoldsDamaged(faults);
        }

        return retention.Unsettled(await choices.ListAsync(cancellationToken)) is { Count: > 0 } conflicts
            ? new SweepRefused.LawsUnsettled([.. conflicts.Select(conflict => conflict.ToString())])
            : null;
    }

    private async Task<SweepRefused?> RefuseClockAsync(bool mayMove, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();

        // A store that has never been swept has seen what its last entry says.
        var seen = await store.ReadAsync(connection => holds.Seen.ReadAsync(connection), cancellationToken)
            ?? (await audit.FindAsync(await audit.LastNumberAsync(cancellationToken), cancellationToken))?.At;
        if (SweepRefused.OfClock(now, seen, options) is { } doubt)
        {
            return doubt;
        }

        if (mayMove)
        {
            await store.WriteAsync(
                async transaction =>
                {
                    await HoldBook.LockAsync(transaction);
                    await holds.Seen.MoveAsync(transaction, now);
                    return 0;
                },
                cancellationToken);
        }

        return null;
    }

    /// <summary>Looks at every piece of evidence that is there, and hands over each that is due and not held.</summary>
    private async Task<SweepOutcome> LookAsync(Func<SweptEvidence, Task> take, CancellationToken cancellationToken)
    {
        var (held, notDue, damaged) = (0, 0, new List<string>());
        IReadOnlyList<EvidenceLine> page;
        for (var after = ""; (page = await register.ListAsync(after, Page, withDestroyed: false, cancellationToken)).Count > 0; after = page[^1].Id)
        {
            foreach (var line in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (line.Fault is { } fault)
                {
                    damaged.Add($"{line.Id}: {fault}");
                }
                else if (line.Standing is HoldStanding.Held)
                {
                    held++;
                }
                else if (line.IsDueAt(clock.GetUtcNow()))
                {
                    await take(new SweptEvidence(line.Record!.Id, line.Due!.Rule));
                }
                else
                {
                    notDue++;
                }
            }
        }

        return new SweepOutcome { Held = held, NotDue = notDue, Damaged = damaged };
    }

    /// <summary>Looks once more, under the lock of holds, and announces the destruction in the same commit.</summary>
    private async Task<DestructionRecord?> BeginAsync(SweptEvidence due, CancellationToken cancellationToken)
    {
        var settled = await choices.ListAsync(cancellationToken);
        return await store.WriteAsync(
            async transaction =>
            {
                await HoldBook.LockAsync(transaction);
                if (await vault.FindAsync(transaction, due.Id) is not { State: EvidenceState.Sealed } evidence ||
                    await holds.StandingAsync(transaction, evidence) is not HoldStanding.Free ||
                    await destructions.IsUnderWayAsync(transaction, due.Id))
                {
                    return null;
                }

                var standing = await cases.StandingAsync(
                    transaction.Connection!, HoldBook.CaseOf(evidence).Case!.Value, due.Id, transaction);
                return register.DueOf(evidence, settled, standing) is { } again && again.At <= clock.GetUtcNow()
                    ? await destructions.BeginAsync(transaction, evidence, again.Rule, Actor.Palisade, request: null, lifted: [])
                    : null;
            },
            cancellationToken);
    }
}
