using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Logging;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Review;

/// <summary>
/// The cases: looked at, noted, handed to a person, closed with a word to the platform. Every change is one transaction
/// with its audit entry, and with its lines of the verdict feed where the platform has something to do.
/// </summary>
public sealed class CaseBook
{
    private const int LongestText = 4000;

    private readonly Store _store;
    private readonly AuditLog _audit;
    private readonly ReviewOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<CaseBook> _logger;
    private readonly CaseTable _table;
    private readonly CaseLines _lines;
    private readonly List<DecisionEffect> _effects = [];

    public CaseBook(
        Store store,
        BankKey key,
        EvidenceVault vault,
        AuditLog audit,
        ReviewOptions options,
        TimeProvider clock,
        ILogger<CaseBook> logger)
    {
        _store = store;
        _audit = audit;
        _options = options;
        _clock = clock;
        _logger = logger;
        _table = new CaseTable(key);
        _lines = new CaseLines(_table.Seal);
        Intake = new CaseIntake(_table, _lines, vault, audit, options, logger);
        ScanSeal = new RecordSeal(key.DeriveFor("palisade scan v1 records"u8));
        Verdicts = new VerdictFeed(store, ScanSeal, clock);
    }

    public CaseIntake Intake { get; }

    /// <summary>The ordered feed by which the platform learns what to do.</summary>
    public VerdictFeed Verdicts { get; }

    internal RecordSeal ScanSeal { get; }

    /// <summary>
    /// Has something follow from each decision, in the transaction in which it becomes effective and in the order of these
    /// calls. Call it before the book is used.
    /// </summary>
    public void Follow(DecisionEffect effect) => _effects.Add(effect);

    public Task<IReadOnlyList<Case>> ListAsync(CaseQuery query, CancellationToken cancellationToken) => _store.ReadAsync(
        connection => _table.ListAsync(connection, query with { Limit = Math.Clamp(query.Limit, 1, 1000) }), cancellationToken);

    public Task<Case?> FindAsync(CaseId id, CancellationToken cancellationToken) =>
        _store.ReadAsync(connection => _table.FindAsync(connection, id), cancellationToken);

    /// <param name="number">The short name for people.</param>
    public Task<Case?> FindAsync(long number, CancellationToken cancellationToken) =>
        _store.ReadAsync(connection => _table.FindAsync(connection, number), cancellationToken);

    /// <summary>A case with everything below it. That somebody looked is on the audit log before anything is read.</summary>
    /// <returns>Null when there is no such case.</returns>
    /// <exception cref="AuditUnavailableException">The log took no entry, so nothing is shown.</exception>
    public async Task<CaseDetail?> ViewAsync(CaseId id, Actor viewer, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is null)
        {
            return null;
        }

        await _audit.RecordAsync(
            new AuditEntry { Action = "case.viewed", Actor = viewer, Subject = Subject(id) }, cancellationToken);
        return await _store.ReadAsync(
            async connection =>
            {
                var found = (await _table.FindAsync(connection, id))!;
                var skipped = Math.Max(0, found.Uploads - CaseLines.MostShown);
                return new CaseDetail(
                    found,
                    await _lines.UploadsAsync(connection, id, skipped, CaseLines.MostShown),
                    await _lines.NotesAsync(connection, id),
                    await _lines.DecisionsAsync(connection, id));
            },
            cancellationToken);
    }

    /// <summary>How many cases wait, and how old the oldest held upload is.</summary>
    public Task<CaseFigures> MeasureAsync(CancellationToken cancellationToken) => _store.ReadAsync(
        async connection =>
        {
            var now = _clock.GetUtcNow();
            var (undecided, late, oldest) = await connection.QuerySingleAsync<(long, long, long?)>(
                """
                SELECT (SELECT COUNT(*) FROM review_case WHERE state IN ('open', 'in-review')),
                       (SELECT COUNT(*) FROM review_case WHERE state IN ('open', 'in-review') AND due_at < @now),
                       (SELECT MIN(held_since) FROM review_case WHERE held_since IS NOT NULL)
                """,
                new { now = now.ToUnixTimeMilliseconds() });
            return new CaseFigures(undecided, late, oldest is { } since ? now - Moment.At(since) : null);
        },
        cancellationToken);

    /// <summary>The case of one scan or flag, and what was answered to that.</summary>
    internal Task<(Case Case, VerdictAction? Verdict)?> FindBySourceAsync(string source, CancellationToken cancellationToken) =>
        _store.ReadAsync<(Case, VerdictAction?)?>(
            async connection => await _lines.FindUploadAsync(connection, source) is { } found &&
                await _table.FindAsync(connection, found.Case) is { } record
                ? (record, found.Upload.Verdict)
                : null,
            cancellationToken);

    /// <summary>Takes a flag in and opens or joins its case, once for its idempotency key.</summary>
    /// <returns>The case, or the answer that the key stands for already.</returns>
    internal async Task<(Case? Case, (IdempotencyWindow.Remembered Answer, bool IsSameRequest)? Earlier)> FlagAsync(
        IncomingUpload flag, IdempotencyWindow window, IdempotencyWindow.Marks? marks, CancellationToken cancellationToken) =>
        await _store.WriteAsync<(Case?, (IdempotencyWindow.Remembered, bool)?)>(
            async transaction =>
            {
                if (marks is not null && !await IdempotencyWindow.TryAddAsync(
                    transaction, marks, flag.Source, flag.Service, flag.Verdict ?? VerdictAction.Hold, 0, flag.CameAt))
                {
                    return (null, await window.FindAsync(transaction.Connection!, transaction, marks));
                }

                var entered = await Intake.EnterAsync(transaction, flag);
                await Intake.AttestAsync(transaction, entered);
                return (entered.Case, null);
            },
            cancellationToken);

    /// <summary>Hands a case to a person, or back to the queue.</summary>
    /// <param name="owner">Null for the queue.</param>
    public Task<CaseAnswer<Case>> AssignAsync(CaseId id, Actor? owner, Actor by, CancellationToken cancellationToken) =>
        ChangeAsync(
            id,
            owner is null ? CaseState.Open : CaseState.InReview,
            owner is null ? "case.returned" : "case.assigned",
            by,
            async (transaction, found) => await WaitingDecisions.IsWaitingAsync(transaction, id) ? new Changed(new CaseRefused.DecisionWaiting())
                : found.State == CaseState.Decided ? new Changed(new CaseRefused.AlreadyDecided())
                : new Changed(found with { Owner = owner?.ToString() }),
            cancellationToken);

    /// <summary>
    /// Closes a case and tells the platform what to do with each upload of it: one line of the feed for each.
    /// </summary>
    /// <param name="seenUploads">How many uploads the person saw; null does not ask.</param>
    public async Task<CaseAnswer<Case>> CloseAsync(
        CaseId id, PlatformAction action, string reason, long? seenUploads, Actor by, CancellationToken cancellationToken)
    {
        if (Refuse("reason", reason) is { } refusal)
        {
            return refusal;
        }

        var closed = await ChangeAsync(
            id,
            CaseState.Closed,
            "case.closed",
            by,
            async (transaction, found) =>
            {
                if (seenUploads is { } seen && seen != found.Uploads)
                {
                    return new Changed(new CaseRefused.UploadsJoined(found.Uploads));
                }

                if (await WaitingDecisions.IsWaitingAsync(transaction, id))
                {
                    return new Changed(new CaseRefused.DecisionWaiting());
                }

                if (HasAskedForSecondLook(await _lines.DecisionsAsync(transaction.Connection!, id, transaction), by))
                {
                    return new Changed(new CaseRefused.SamePerson());
                }

                var now = Moment.Of(_clock);
                var (_, digest) = await _lines.AddDecisionAsync(transaction, id, new CaseDecision
                {
                    Action = action,
                    Reason = reason,
                    By = by.ToString(),
                    DecidedAt = now,
                    EffectiveAt = now,
                });
                await CaseTable.RemoveKeysAsync(transaction, id);
                await TellPlatformAsync(transaction, found, action, now);
                return new Changed(
                    found with { HeldSince = null, Receipts = found.Receipts with { Decided = found.Receipts.Decided ?? now } },
                    $"platform: {Words.Of(action)}",
                    digest);
            },
            cancellationToken);
        _store.Feeds.Ring(VerdictFeed.Name);
        return closed;
    }

    /// <summary>
    /// Records what a person concluded. It becomes effective when the undo time is over, or at once for a threat to life; until
    /// then nothing leaves.
    /// </summary>
    public async Task<CaseAnswer<Case>> DecideAsync(CaseId id, DecisionRequest request, Actor by, CancellationToken cancellationToken)
    {
        if (Refuse("reason", request.Reason) is { } refusal)
        {
            return refusal;
        }

        if (request.Report is { } report && ReportWords.FaultOf(report) is { } field)
        {
            return new CaseRefused.UnknownWord(field);
        }

        if (request is { Outcome: CaseOutcome.OtherReportableOffence, Report: not { IncidentType: not null } })
        {
            return new CaseRefused.IncidentTypeNeeded();
        }

        var isSecondLook = request.Outcome == CaseOutcome.SecondLook;
        var answer = await ChangeAsync(
            id,
            CaseState.Decided,
            "case.decided",
            by,
            async (transaction, found) =>
            {
                if (request.SeenUploads is { } seen && seen != found.Uploads)
                {
                    return new Changed(new CaseRefused.UploadsJoined(found.Uploads));
                }

                var earlier = await _lines.DecisionsAsync(transaction.Connection!, id, transaction);
                if (HasAskedForSecondLook(earlier, by))
                {
                    return new Changed(new CaseRefused.SamePerson());
                }

                var now = Moment.Of(_clock);
                var decision = new CaseDecision
                {
                    Outcome = request.Outcome,
                    Novelty = request.Novelty,
                    Origin = request.Origin,
                    Report = request.Report,
                    ThreatToLife = request.ThreatToLife,
                    Action = request.ActionInForce,
                    Reason = request.Reason,
                    By = by.ToString(),
                    DecidedAt = now,
                    EffectiveAt = request.ThreatToLife || isSecondLook ? now : now + _options.UndoWithin,
                };
                var (position, digest) = await _lines.AddDecisionAsync(transaction, id, decision);
                if (isSecondLook)
                {
                    // Nothing follows from it but that somebody else looks: it goes back to the queue with its keys and clock.
                    return new Changed(
                        found with { Owner = null, DueAt = request.ThreatToLife ? now : found.DueAt }, $"outcome: {Words.Of(request.Outcome)}", digest)
                    { State = CaseState.Open };
                }

                // What comes from now on was not seen, so it opens a case of its own.
                await CaseTable.RemoveKeysAsync(transaction, id);
                var said = $"outcome: {Words.Of(request.Outcome)}; platform: {Words.Of(decision.Action)}; effective {decision.EffectiveAt:O}";
                if (!request.ThreatToLife)
                {
                    await WaitingDecisions.AddAsync(transaction, id, position, decision.EffectiveAt);
                    return new Changed(found, said, digest);
                }

                var (applied, state) = await ApplyAsync(transaction, found, position, decision, now);
                return new Changed(applied, said, digest) { State = state };
            },
            cancellationToken,
            standsInLine: request.ThreatToLife);
        _store.Feeds.Ring(VerdictFeed.Name);
        return answer;
    }

    /// <summary>Takes the last decision back while its undo time runs. Nothing of it has left; the case is with whoever undid it.</summary>
    public Task<CaseAnswer<Case>> UndoAsync(CaseId id, Actor by, CancellationToken cancellationToken) => ChangeAsync(
        id,
        CaseState.InReview,
        "case.decision-undone",
        by,
        async (transaction, found) =>
        {
            var now = Moment.Of(_clock);
            var decisions = await _lines.DecisionsAsync(transaction.Connection!, id, transaction);

            // In this order: a refusal is an answer, and what was removed before it would stay removed.
            if (decisions is not [.., { UndoneAt: null } last] || last.EffectiveAt <= now || !await WaitingDecisions.RemoveAsync(transaction, id))
            {
                return new Changed(new CaseRefused.TooLateToUndo());
            }

            var digest = await _lines.UndoDecisionAsync(transaction, id, decisions.Count, last with { UndoneAt = now });
            await AddKeysAgainAsync(transaction, id);
            return new Changed(found with { Owner = by.ToString() }, $"outcome: {Words.Of(last.Outcome!.Value)}", digest);
        },
        cancellationToken);

    /// <summary>Applies every decision whose undo time is over, each in a transaction of its own.</summary>
    /// <returns>How many became effective, and when the next one will; null when none waits.</returns>
    public async Task<(int Applied, DateTimeOffset? Next)> ApplyDueAsync(CancellationToken cancellationToken)
    {
        var applied = 0;
        foreach (var id in await _store.ReadAsync(connection => WaitingDecisions.DueAsync(connection, _clock.GetUtcNow()), cancellationToken))
        {
            try
            {
                applied += await _store.WriteAsync(transaction => ApplyOneAsync(transaction, id), cancellationToken) ? 1 : 0;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // It waits on and is tried again; the others must not wait with it.
                _logger.LogCritical(error, "The decision on case {Case} could not be made effective", id);
            }
        }

        if (applied > 0)
        {
            _store.Feeds.Ring(VerdictFeed.Name);
        }

        return (applied, await _store.ReadAsync(WaitingDecisions.NextAsync, cancellationToken));
    }

    /// <summary>Whoever once asked for another pair of eyes leaves the case to them, whatever came between.</summary>
    private static bool HasAskedForSecondLook(IReadOnlyList<CaseDecision> decisions, Actor by) => decisions.Any(
        decision => decision is { Outcome: CaseOutcome.SecondLook, UndoneAt: null } && decision.By == by.ToString());

    private async Task<bool> ApplyOneAsync(DbTransaction transaction, CaseId id)
    {
        await StandInLineAsync(transaction);
        if (!await WaitingDecisions.RemoveAsync(transaction, id))
        {
            // Another node was quicker, or a person undid it.
            return false;
        }

        var found = (await _table.FindAsync(transaction.Connection!, id, transaction))!;
        var decisions = await _lines.DecisionsAsync(transaction.Connection!, id, transaction);
        var now = Moment.Of(_clock);
        var (applied, state) = await ApplyAsync(transaction, found, decisions.Count, decisions[^1], now);
        await _table.UpdateAsync(transaction, applied with { State = state, ChangedAt = now });
        await LogAsync(transaction, "case.decision-effective", id, Actor.Palisade, $"outcome: {Words.Of(decisions[^1].Outcome!.Value)}", null);
        return true;
    }

    /// <summary>
    /// The one place where a decision takes effect: the platform is told, and everything that follows from it is done with the
    /// same transaction.
    /// </summary>
    private async Task<(Case Case, CaseState State)> ApplyAsync(
        DbTransaction transaction, Case found, long position, CaseDecision decision, DateTimeOffset now)
    {
        await TellPlatformAsync(transaction, found, decision.Action, now);
        foreach (var effect in _effects)
        {
            await effect.Apply(transaction, new EffectiveDecision(found, position, decision, now, IsOverturned: false));
        }

        // What follows may have left receipts of its own.
        var current = (await _table.FindAsync(transaction.Connection!, found.Id, transaction))!;
        var applied = current with { HeldSince = null, Receipts = current.Receipts with { Decided = current.Receipts.Decided ?? now } };
        return (applied, decision.Outcome?.IsReportable() is true ? CaseState.Decided : CaseState.Closed);
    }

    private async Task StandInLineAsync(DbTransaction transaction)
    {
        foreach (var effect in _effects)
        {
            if (effect.StandInLine is { } stand)
            {
                await stand(transaction);
            }
        }

        await CaseTable.LockAsync(transaction);
    }

    private async Task AddKeysAgainAsync(DbTransaction transaction, CaseId id)
    {
        await foreach (var upload in UploadsOfAsync(transaction, id))
        {
            await CaseTable.AddKeysAsync(
                transaction, id, [.. CaseKeys.Of(upload.Service, upload.Facts).Select(_table.MacOf)]);
        }
    }

    /// <summary>Opens a closed case again, after an appeal, say. Its clock begins anew; the platform is told nothing.</summary>
    public async Task<CaseAnswer<Case>> ReopenAsync(CaseId id, string reason, Actor by, CancellationToken cancellationToken) =>
        Refuse("reason", reason) ?? await ChangeAsync(
            id,
            CaseState.Open,
            "case.reopened",
            by,
            async (transaction, found) =>
            {
                var (_, digest) = await _lines.AddNoteAsync(transaction, id, by.ToString(), reason, Moment.Of(_clock));
                await AddKeysAgainAsync(transaction, id);
                var decisions = await _lines.DecisionsAsync(transaction.Connection!, id, transaction);
                if (decisions is [.., { UndoneAt: null } last])
                {
                    foreach (var effect in _effects)
                    {
                        await effect.Apply(
                            transaction, new EffectiveDecision(found, decisions.Count, last, Moment.Of(_clock), IsOverturned: true));
                    }
                }

                var current = (await _table.FindAsync(transaction.Connection!, id, transaction))!;
                return new Changed(
                    current with { Owner = null, DueAt = Moment.Of(_clock) + _options.DecideWithin }, Reason: null, digest);
            },
            cancellationToken,
            standsInLine: true);

    public async Task<CaseAnswer<CaseNote>> AddNoteAsync(CaseId id, string text, Actor by, CancellationToken cancellationToken)
    {
        if (Refuse("note", text) is { } refusal)
        {
            return refusal;
        }

        return await _store.WriteAsync<CaseAnswer<CaseNote>>(
            async transaction =>
            {
                await CaseTable.LockAsync(transaction);
                if (await _table.FindAsync(transaction.Connection!, id, transaction) is not { } found)
                {
                    return new CaseRefused.NoSuchCase();
                }

                var now = Moment.Of(_clock);
                var (note, digest) = await _lines.AddNoteAsync(transaction, id, by.ToString(), text, now);
                await _table.UpdateAsync(transaction, found with { ChangedAt = now });
                await LogAsync(transaction, "case.noted", id, by, reason: null, digest);
                return note;
            },
            cancellationToken);
    }

    /// <summary>What became of a piece of evidence's case, as far as the time it is kept depends on it.</summary>
    /// <returns>Null when there is no such case.</returns>
    internal async Task<CaseStanding?> StandingAsync(
        DbConnection connection, CaseId id, EvidenceId evidence, DbTransaction? transaction = null)
    {
        if (await _table.FindAsync(connection, id, transaction) is not { } found)
        {
            return null;
        }

        var decisions = await _lines.DecisionsAsync(connection, id, transaction);
        return new CaseStanding(
            found.State,
            await _lines.ServiceOfAsync(connection, id, evidence, transaction) ?? found.Service,
            decisions.LastOrDefault(decision => decision.UndoneAt is null),
            found.Receipts.Reported);
    }

    /// <summary>A case with the decision that is in effect, inside a transaction that has the lock of cases.</summary>
    /// <returns>Null when there is no such case; no decision when none is in effect.</returns>
    internal async Task<(Case Case, long? Position, CaseDecision? Decision)?> ForReportAsync(DbTransaction transaction, CaseId id)
    {
        if (await _table.FindAsync(transaction.Connection!, id, transaction) is not { } found)
        {
            return null;
        }

        var decisions = await _lines.DecisionsAsync(transaction.Connection!, id, transaction);
        return decisions is [.., { UndoneAt: null, Outcome: not null } last] && !await WaitingDecisions.IsWaitingAsync(transaction, id)
            ? (found, decisions.Count, last)
            : (found, null, null);
    }

    /// <summary>Everything of a case that a report is made of. Looking at it is the report's own entry on the audit log.</summary>
    internal Task<(Case Case, IReadOnlyList<CaseUpload> Uploads, IReadOnlyList<CaseDecision> Decisions)> ReadForReportAsync(
        CaseId id, CancellationToken cancellationToken) => _store.ReadAsync(
            async connection => ((await _table.FindAsync(connection, id))!,
                await _lines.UploadsAsync(connection, id, 0, int.MaxValue),
                await _lines.DecisionsAsync(connection, id)),
            cancellationToken);

    /// <summary>Sets the receipt of a hold in the transaction that places it.</summary>
    public Task RecordPreservedAsync(DbTransaction transaction, CaseId id, DateTimeOffset until) => RecordAsync(
        transaction, id, receipts => receipts with
        {
            PreservedUntil = receipts.PreservedUntil > until ? receipts.PreservedUntil : until.ToUniversalTime(),
        });

    /// <summary>Sets the receipt of a report in the transaction that files it.</summary>
    public Task RecordReportedAsync(DbTransaction transaction, CaseId id, string number, DateTimeOffset at) => RecordAsync(
        transaction,
        id,
        receipts => receipts with { Reported = at.ToUniversalTime(), ReportNumber = number },
        state => state == CaseState.Decided ? CaseState.Reported : state);

    /// <summary>Sets the receipt of a word to a list's owner in the transaction that records it.</summary>
    public Task RecordFedBackAsync(DbTransaction transaction, CaseId id, DateTimeOffset at) => RecordAsync(
        transaction, id, receipts => receipts with { FedBack = at.ToUniversalTime() });

    private async Task RecordAsync(
        DbTransaction transaction, CaseId id, Func<CaseReceipts, CaseReceipts> change, Func<CaseState, CaseState>? follow = null)
    {
        await CaseTable.LockAsync(transaction);
        var found = await _table.FindAsync(transaction.Connection!, id, transaction)
            ?? throw new ArgumentException("There is no such case, so it cannot have a receipt.", nameof(id));
        await _table.UpdateAsync(
            transaction, found with
            {
                Receipts = change(found.Receipts),
                State = follow?.Invoke(found.State) ?? found.State,
                ChangedAt = Moment.Of(_clock),
            });
    }

    private Task<CaseAnswer<Case>> ChangeAsync(
        CaseId id,
        CaseState state,
        string action,
        Actor by,
        Func<DbTransaction, Case, Task<Changed>> change,
        CancellationToken cancellationToken,
        bool standsInLine = false) => _store.WriteAsync<CaseAnswer<Case>>(
            async transaction =>
            {
                await (standsInLine ? StandInLineAsync(transaction) : CaseTable.LockAsync(transaction));
                if (await _table.FindAsync(transaction.Connection!, id, transaction) is not { } found)
                {
                    return new CaseRefused.NoSuchCase();
                }

                if (!found.State.MayBecome(state))
                {
                    return new CaseRefused.WrongState(found.State, state);
                }

                var changed = await change(transaction, found);
                if (changed.Refusal is { } refusal)
                {
                    return refusal;
                }

                var record = changed.Case! with { State = changed.State ?? state, ChangedAt = Moment.Of(_clock) };
                await _table.UpdateAsync(transaction, record);
                await LogAsync(transaction, action, id, by, changed.Reason, changed.Digest);
                return record;
            },
            cancellationToken);

    private async Task TellPlatformAsync(DbTransaction transaction, Case found, PlatformAction action, DateTimeOffset now)
    {
        await foreach (var upload in UploadsOfAsync(transaction, found.Id))
        {
            var verdict = action switch
            {
                PlatformAction.Release => VerdictAction.Allow,
                PlatformAction.Silent => await Verdicts.CurrentAsync(transaction.Connection!, upload.Source, transaction)
                    ?? upload.Verdict ?? VerdictAction.Hold,
                _ => VerdictAction.Block,
            };
            await Verdicts.AppendAsync(
                transaction, upload.Source, upload.Service, upload.Facts.ContentId, verdict, now, found.Id, action);
        }
    }

    private async IAsyncEnumerable<CaseUpload> UploadsOfAsync(DbTransaction transaction, CaseId id)
    {
        const int Page = 500;
        IReadOnlyList<CaseUpload> page;
        for (var after = 0L; ; after = page[^1].Position)
        {
            page = await _lines.UploadsAsync(transaction.Connection!, id, after, Page, transaction);
            foreach (var upload in page)
            {
                yield return upload;
            }

            if (page.Count < Page)
            {
                yield break;
            }
        }
    }

    private Task<long> LogAsync(DbTransaction transaction, string action, CaseId id, Actor by, string? reason, byte[]? digest) =>
        _audit.AppendAsync(
            transaction,
            new AuditEntry { Action = action, Actor = by, Subject = Subject(id), Reason = reason, Digest = digest });

    private static string Subject(CaseId id) => $"case/{id}";

    private static CaseRefused.BadText? Refuse(string field, string text) =>
        string.IsNullOrWhiteSpace(text) || text.Length > LongestText ? new CaseRefused.BadText(field, LongestText) : null;

    /// <param name="Reason">For the audit log: the rule's words, never a person's.</param>
    private sealed record Changed(Case? Case, string? Reason = null, byte[]? Digest = null, CaseRefused? Refusal = null)
    {
        public Changed(CaseRefused refusal)
            : this(null, Refusal: refusal)
        {
        }

        /// <summary>Where it differs from what the change is for.</summary>
        public CaseState? State { get; init; }
    }
}

/// <summary>What a lead looks at first.</summary>
/// <param name="OldestHeld">Age of the oldest upload that is held without a decision; null when none is.</param>
public sealed record CaseFigures(long Undecided, long Late, TimeSpan? OldestHeld);
