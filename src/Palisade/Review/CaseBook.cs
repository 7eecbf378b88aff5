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
    private readonly CaseTable _table;
    private readonly CaseLines _lines;

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
            (_, found) => Task.FromResult<Changed>(new(found with { Owner = owner?.ToString() })),
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

                var now = Moment.Of(_clock);
                var digest = await _lines.AddDecisionAsync(transaction, id, new CaseDecision
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
                await foreach (var upload in UploadsOfAsync(transaction, id))
                {
                    await CaseTable.AddKeysAsync(
                        transaction, id, [.. CaseKeys.Of(upload.Service, upload.Facts).Select(_table.MacOf)]);
                }

                return new Changed(
                    found with { Owner = null, DueAt = Moment.Of(_clock) + _options.DecideWithin }, Reason: null, digest);
            },
            cancellationToken);

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

    /// <summary>Sets the receipt of a hold in the transaction that places it.</summary>
    public Task RecordPreservedAsync(DbTransaction transaction, CaseId id, DateTimeOffset until) => RecordAsync(
        transaction, id, receipts => receipts with
        {
            PreservedUntil = receipts.PreservedUntil > until ? receipts.PreservedUntil : until.ToUniversalTime(),
        });

    /// <summary>Sets the receipt of a report in the transaction that files it.</summary>
    public Task RecordReportedAsync(DbTransaction transaction, CaseId id, string number, DateTimeOffset at) => RecordAsync(
        transaction, id, receipts => receipts with { Reported = at.ToUniversalTime(), ReportNumber = number });

    /// <summary>Sets the receipt of a word to a list's owner in the transaction that records it.</summary>
    public Task RecordFedBackAsync(DbTransaction transaction, CaseId id, DateTimeOffset at) => RecordAsync(
        transaction, id, receipts => receipts with { FedBack = at.ToUniversalTime() });

    private async Task RecordAsync(DbTransaction transaction, CaseId id, Func<CaseReceipts, CaseReceipts> change)
    {
        await CaseTable.LockAsync(transaction);
        var found = await _table.FindAsync(transaction.Connection!, id, transaction)
            ?? throw new ArgumentException("There is no such case, so it cannot have a receipt.", nameof(id));
        await _table.UpdateAsync(
            transaction, found with { Receipts = change(found.Receipts), ChangedAt = Moment.Of(_clock) });
    }

    private Task<CaseAnswer<Case>> ChangeAsync(
        CaseId id,
        CaseState state,
        string action,
        Actor by,
        Func<DbTransaction, Case, Task<Changed>> change,
        CancellationToken cancellationToken) => _store.WriteAsync<CaseAnswer<Case>>(
            async transaction =>
            {
                await CaseTable.LockAsync(transaction);
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

                var record = changed.Case! with { State = state, ChangedAt = Moment.Of(_clock) };
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
    }
}

/// <summary>What a lead looks at first.</summary>
/// <param name="OldestHeld">Age of the oldest upload that is held without a decision; null when none is.</param>
public sealed record CaseFigures(long Undecided, long Late, TimeSpan? OldestHeld);
