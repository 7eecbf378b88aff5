using System.Data.Common;
using Dapper;
using Palisade.Audit;
using Palisade.CyberTipline;
using Palisade.Evidence.Holds;
using Palisade.Keys;
using Palisade.Review;
using Palisade.Storage;

namespace Palisade.Reporting;

/// <summary>
/// The reports: drafted in the transaction in which a decision becomes effective, looked at, sent again or taken back by
/// people. Sending is <see cref="ReportCourier"/>'s.
/// </summary>
public sealed class ReportBook
{
    private readonly Store _store;
    private readonly HoldBook _holds;
    private readonly AuditLog _audit;
    private readonly ReportingOptions _options;
    private readonly TimeProvider _clock;

    public ReportBook(
        Store store, BankKey key, CaseBook cases, HoldBook holds, AuditLog audit, ReportingOptions options, TimeProvider clock)
    {
        _store = store;
        _holds = holds;
        _audit = audit;
        _options = options;
        _clock = clock;
        Cases = cases;
        Table = new ReportTable(key);
        if (options.IsOn)
        {
            cases.Follow(new DecisionEffect { Apply = FollowAsync });
        }
    }

    internal ReportTable Table { get; }

    internal CaseBook Cases { get; }

    public Task<IReadOnlyList<Report>> ListAsync(long after, int limit, CancellationToken cancellationToken) =>
        _store.ReadAsync(connection => Table.ListAsync(connection, after, Math.Clamp(limit, 1, 1000)), cancellationToken);

    public Task<Report?> FindAsync(ReportId id, CancellationToken cancellationToken) =>
        _store.ReadAsync(connection => Table.FindAsync(connection, id), cancellationToken);

    public Task<Report?> FindAsync(long number, CancellationToken cancellationToken) =>
        _store.ReadAsync(connection => Table.FindAsync(connection, number), cancellationToken);

    public Task<IReadOnlyList<ReportExchange>> ExchangesAsync(ReportId id, CancellationToken cancellationToken) =>
        _store.ReadAsync(connection => Table.ExchangesAsync(connection, id), cancellationToken);

    public async Task<ReportFigures> MeasureAsync(CancellationToken cancellationToken)
    {
        var (waiting, isSealed, human, earliest, oldest) = await _store.ReadAsync(ReportTable.MeasureAsync, cancellationToken);
        var now = _clock.GetUtcNow();
        return new ReportFigures(
            waiting, isSealed, human, Moment.At(earliest), oldest is { } since ? now - Moment.At(since) : null);
    }

    /// <summary>Drafts a report on a decided case that has none under way; after a filed one it links to that.</summary>
    public Task<(Report? Report, ReportRefused? Refusal)> DraftAsync(CaseId id, Actor by, CancellationToken cancellationToken)
    {
        if (!_options.IsOn)
        {
            return Task.FromResult<(Report?, ReportRefused?)>((null, new ReportRefused.Off()));
        }

        return _store.WriteAsync<(Report?, ReportRefused?)>(
            async transaction =>
            {
                await HoldBook.LockAsync(transaction);
                if (await Cases.ForReportAsync(transaction, id) is not { } found)
                {
                    return (null, new ReportRefused.NoSuchCase());
                }

                if (found.Decision is not { } decided || !decided.Outcome!.Value.IsReportable())
                {
                    return (null, new ReportRefused.NotDecided());
                }

                return (await Table.OfCaseAsync(transaction.Connection!, id, transaction)).FirstOrDefault(report => !report.State.IsEnded()) is { } open
                    ? (null, new ReportRefused.UnderWay(open.Number))
                    : (await AddAsync(transaction, found.Case, found.Position, decided, by), null);
            },
            cancellationToken);
    }

    /// <summary>Keeps what the platform says of the account; a report that was filed already is followed by one that links to it.</summary>
    public Task<(bool IsKnown, Report? Late)> AddAccountAsync(CaseId id, AccountFacts facts, Actor by, CancellationToken cancellationToken) =>
        _store.WriteAsync<(bool, Report?)>(
            async transaction =>
            {
                await HoldBook.LockAsync(transaction);
                if (await Cases.ForReportAsync(transaction, id) is not { } found)
                {
                    return (false, null);
                }

                await Table.AddAccountAsync(transaction, id, facts, Moment.Of(_clock));
                var reports = await Table.OfCaseAsync(transaction.Connection!, id, transaction);
                var late = _options.IsOn && found.Decision is { } decided && reports.Count > 0 && reports.All(report => report.State.IsEnded()) &&
                    reports.Any(report => report.State == ReportState.Filed)
                    ? await AddAsync(transaction, found.Case, found.Position, decided, by)
                    : null;
                await LogAsync(transaction, "case.account-facts", $"case/{id}", by, null);
                return (true, late);
            },
            cancellationToken);

    /// <summary>Has a report that waits for a person, or for its next try, tried at once.</summary>
    public Task<(Report? Report, ReportRefused? Refusal)> FileAsync(ReportId id, Actor by, CancellationToken cancellationToken) => ChangeAsync(
        id,
        "report.file-asked",
        by,
        report => report.State switch
        {

            // It may be filed, so it is asked again and never begun again.
            ReportState.NeedsHuman when report.Progress.IsFinishUncertain =>
                report with { State = ReportState.Finishing, NextAt = Moment.Of(_clock) },
            ReportState.NeedsHuman => report with
            {
                State = ReportState.Draft,
                NextAt = Moment.Of(_clock),
                Progress = new ReportProgress { Attempt = report.Progress.Attempt + 1, Decision = report.Progress.Decision },
            },
            ReportState.Filed or ReportState.Cancelled => null,
            var state => report with { NextAt = Moment.Of(_clock), State = state },
        },
        cancellationToken);

    /// <summary>Takes a report back that is not filed. One that the authority has opened is retracted there first.</summary>
    public Task<(Report? Report, ReportRefused? Refusal)> RetractAsync(ReportId id, Actor by, CancellationToken cancellationToken) => ChangeAsync(
        id,
        "report.retract-asked",
        by,
        report => report.State switch
        {
            ReportState.Draft or ReportState.WaitingUnseal or ReportState.Retracted or ReportState.Expired => report with { State = ReportState.Cancelled },
            ReportState.NeedsHuman when !report.Progress.IsFinishUncertain => report with { State = ReportState.Cancelled },
            ReportState.Open => report with { NextAt = Moment.Of(_clock), Progress = report.Progress with { RetractFor = ReportState.Cancelled } },
            _ => null,
        },
        cancellationToken);

    internal Task<long> LogAsync(DbTransaction transaction, string action, string subject, Actor by, string? reason) =>
        _audit.AppendAsync(transaction, new AuditEntry { Action = action, Actor = by, Subject = subject, Reason = reason });

    private Task<(Report? Report, ReportRefused? Refusal)> ChangeAsync(
        ReportId id, string action, Actor by, Func<Report, Report?> change, CancellationToken cancellationToken) =>
        _store.WriteAsync<(Report?, ReportRefused?)>(
            async transaction =>
            {
                await ReportTable.LockAsync(transaction);
                if (await Table.FindAsync(transaction.Connection!, id, transaction) is not { } found)
                {
                    return (null, new ReportRefused.NoSuchReport());
                }

                if (change(found) is not { } changed)
                {
                    return (null, new ReportRefused.NotNow(found.State));
                }

                var now = Moment.Of(_clock);
                if (!await Table.UpdateAsync(transaction, changed with { ChangedAt = now }, lease: null, 0, now))
                {
                    return (null, new ReportRefused.Busy());
                }

                await LogAsync(transaction, action, $"report/{id}", by, $"{Words.Of(found.State)} to {Words.Of(changed.State)}");
                return (changed, null);
            },
            cancellationToken);

    /// <summary>The draft, and the hold that keeps its evidence until it is filed, appear with the decision's effect.</summary>
    private async Task FollowAsync(DbTransaction transaction, EffectiveDecision effective)
    {
        if (effective.IsOverturned || effective.Decision.Outcome?.IsReportable() is not true)
        {
            return;
        }

        await HoldBook.LockAsync(transaction);
        await AddAsync(transaction, effective.Case, effective.Position, effective.Decision, Actor.Palisade);
    }

    private async Task<Report> AddAsync(DbTransaction transaction, Case found, long? position, CaseDecision decision, Actor by)
    {
        var now = Moment.Of(_clock);
        var report = new Report
        {
            Id = ReportId.New(),
            Number = await Sequences.TakeAsync(transaction, ReportTable.Sequence),
            Case = found.Id,
            Environment = _options.EnvironmentInForce,
            State = ReportState.Draft,
            CreatedAt = now,
            DueAt = now + (decision.ThreatToLife ? _options.FileEscalatedWithin : _options.FileWithin),
            NextAt = now,
            ChangedAt = now,
            Progress = new ReportProgress { Decision = position },
        };
        await Table.InsertAsync(transaction, report);
        var held = await _holds.PlaceAsync(
            transaction,
            new HoldRequest
            {
                Subject = HoldSubject.Of(found.Id),
                Basis = HoldBasis.CaseReview,
                Reason = FormattableString.Invariant($"report {report.Number} is to be filed"),
            },
            Actor.Palisade);
        if (held.IsRefused)
        {
            throw new InvalidOperationException($"The evidence of a report could not be held: {held.Refusal.Reason}");
        }

        await LogAsync(transaction, "report.drafted", $"report/{report.Id}", by, $"case {found.Id}, {Words.Of(report.Environment)}");
        return report;
    }
}

/// <summary>What the operator looks at first.</summary>
/// <param name="Waiting">Neither filed nor cancelled.</param>
/// <param name="Earliest">The earliest deadline of these.</param>
public sealed record ReportFigures(long Waiting, long WaitingUnseal, long NeedHuman, DateTimeOffset? Earliest, TimeSpan? Oldest);
