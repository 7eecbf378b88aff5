using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Review;
using Palisade.Storage;

namespace Palisade.Evidence.Holds;

/// <summary>
/// The holds: placed, lengthened, and shortened by two people. Every change is one transaction with its audit entry.
/// </summary>
public sealed class HoldBook(
    Store store, BankKey key, CaseBook cases, AuditLog audit, ApprovalBook approvals, TimeProvider clock)
{
    /// <summary>A clock may be corrected by so much without anybody asking.</summary>
    internal static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private const string Placed = "hold.placed";
    private const int MostHoldEntries = 10_000;

    private readonly HoldTable _table = new(key);
    private readonly SeenTime _seen = new(key);

    internal HoldTable Table => _table;

    internal SeenTime Seen => _seen;

    public Task<HoldAnswer<Hold>> PlaceAsync(HoldRequest request, Actor by, CancellationToken cancellationToken) =>
        store.WriteAsync(transaction => PlaceAsync(transaction, request, by), cancellationToken);

    /// <summary>Places a hold in the transaction that is the reason for it, such as the one that records a filed report.</summary>
    /// <remarks>Takes the locks of cases, holds and the log, in this order.</remarks>
    public async Task<HoldAnswer<Hold>> PlaceAsync(DbTransaction transaction, HoldRequest request, Actor by)
    {
        await LockAsync(transaction);
        var (now, behind) = await NowAsync(transaction);
        var begun = Hold.Begin(request with { StartsAt = (request.StartsAt ?? now - behind) + behind }, now);
        if (begun.IsRefused)
        {
            return begun;
        }

        if (await CaseOfAsync(transaction, request.Subject) is not { } @case)
        {
            return new HoldRefused.NothingToHold(request.Subject);
        }

        var hold = begun.Value with { Number = await Sequences.TakeAsync(transaction, HoldTable.Sequence) };
        var digest = await _table.InsertAsync(transaction, hold);
        await cases.RecordPreservedAsync(transaction, @case, hold.EndsAt);
        await LogAsync(transaction, Placed, hold, by, digest);
        return hold;
    }

    /// <summary>Lengthens a hold.</summary>
    /// <param name="until">Null for the renewal that the basis allows, or one more usual term from now.</param>
    public Task<HoldAnswer<Hold>> ExtendAsync(long number, DateTimeOffset? until, Actor by, CancellationToken cancellationToken) =>
        ChangeAsync(
            number,
            "hold.extended",
            by,
            async (transaction, hold) =>
            {
                var (now, _) = await NowAsync(transaction);
                return await CaseOfAsync(transaction, hold.Subject) is null
                    ? new HoldRefused.NothingToHold(hold.Subject)
                    : hold.ExtendedTo(until, now);
            },
            cancellationToken);

    /// <summary>Asks a second person whether a hold may end earlier.</summary>
    /// <returns>The number of the request, which <see cref="ShortenAsync"/> needs once it is approved.</returns>
    public async Task<HoldAnswer<ShorteningAsked>> AskToShortenAsync(
        long number, DateTimeOffset until, string reason, Actor by, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > ApprovalBook.LongestReason)
        {
            return new HoldRefused.TextTooLong();
        }

        var found = await FindAsync(number, cancellationToken);
        if (found.IsRefused)
        {
            return found.Refusal;
        }

        if (found.Value.ShortenedTo(until) is { IsRefused: true } refused)
        {
            return refused.Refusal;
        }

        var approval = await approvals.RequestAsync(
            TwoPersonOperation.ShortenHold, SubjectOf(number), ContentOf(found.Value, until), by, reason, cancellationToken);
        return new ShorteningAsked(approval, found.Value);
    }

    /// <summary>Lets a hold end earlier, never before the law's least time, once another person has approved it.</summary>
    public Task<HoldAnswer<Hold>> ShortenAsync(
        long number, DateTimeOffset until, long approval, Actor by, CancellationToken cancellationToken) =>
        ChangeAsync(
            number,
            "hold.shortened",
            by,
            async (transaction, hold) =>
            {
                var shortened = hold.ShortenedTo(until);
                if (shortened.IsRefused)
                {
                    return shortened;
                }

                var refusal = await approvals.SpendAsync(
                    transaction, approval, TwoPersonOperation.ShortenHold, SubjectOf(number), ContentOf(hold, until), by);
                return refusal is null ? shortened : new HoldRefused.NotApproved(refusal);
            },
            cancellationToken);

    public async Task<HoldAnswer<Hold>> FindAsync(long number, CancellationToken cancellationToken) =>
        Checked(number, await store.ReadAsync(connection => _table.FindAsync(connection, number), cancellationToken));

    /// <summary>A page of all holds, oldest first. A damaged one is named and has nothing but its number.</summary>
    public async Task<IReadOnlyList<HoldLine>> ListAsync(long after, int limit, CancellationToken cancellationToken) =>
        Lines(await store.ReadAsync(connection => _table.ReadAsync(connection, after, Math.Clamp(limit, 1, 1000)), cancellationToken));

    /// <summary>The holds on one subject alone, oldest first.</summary>
    public async Task<IReadOnlyList<HoldLine>> ListAsync(HoldSubject subject, CancellationToken cancellationToken) =>
        Lines(await store.ReadAsync(connection => _table.OfAsync(connection, subject, subject), cancellationToken));

    /// <summary>The holds on a piece of evidence and on its case, oldest first.</summary>
    public async Task<IReadOnlyList<HoldLine>> ListAsync(EvidenceRecord evidence, CancellationToken cancellationToken) =>
        Lines(await store.ReadAsync(
            connection => _table.OfAsync(connection, HoldSubject.Of(evidence.Id), CaseOf(evidence)), cancellationToken));

    /// <summary>
    /// What keeps a piece of evidence now: the rows of its holds, and the audit log's word on how many there have to be.
    /// </summary>
    public async Task<HoldStanding> StandingAsync(EvidenceRecord evidence, CancellationToken cancellationToken)
    {
        var (standing, missing) = await store.ReadAsync(
            async connection =>
            {
                var (now, _) = await NowAsync(connection, null);
                var holds = await _table.OfAsync(connection, HoldSubject.Of(evidence.Id), CaseOf(evidence));
                return (HoldStanding.Of(holds, now), await MissingAsync(connection, holds, HoldSubject.Of(evidence.Id), CaseOf(evidence)));
            },
            cancellationToken);
        return missing is null ? standing : new HoldStanding.Damaged(missing);
    }

    /// <summary>The same from the rows alone, inside a transaction that has <see cref="LockAsync"/>.</summary>
    internal async Task<HoldStanding> StandingAsync(DbTransaction transaction, EvidenceRecord evidence)
    {
        var (now, _) = await NowAsync(transaction);
        return HoldStanding.Of(
            await _table.OfAsync(transaction.Connection!, HoldSubject.Of(evidence.Id), CaseOf(evidence), transaction), now);
    }

    /// <summary>
    /// Answers a person's wish that everything about them be erased: what is held stays, and the holds are the reason
    /// (GDPR art. 17(3)(b)). That it was asked, and the answer, is on the audit log.
    /// </summary>
    /// <returns>What keeps it; <see cref="HoldStanding.Free"/> when the wish can be followed.</returns>
    public async Task<HoldStanding> AnswerErasureAsync(EvidenceRecord evidence, Actor by, CancellationToken cancellationToken)
    {
        var standing = await StandingAsync(evidence, cancellationToken);
        await audit.RecordAsync(
            new AuditEntry
            {
                Action = standing is HoldStanding.Free ? "erasure.found-free" : "erasure.refused",
                Actor = by,
                Subject = $"evidence/{evidence.Id}",
                Reason = standing switch
                {
                    HoldStanding.Held held => string.Join("; ", held.Active.Select(hold => FormattableString.Invariant(
                        $"hold {hold.Number}, {HoldRule.Of(hold.Basis).Source}, until {HoldRefused.Shown(hold.EndsAt)}"))),
                    HoldStanding.Damaged damaged => $"{damaged.What} is damaged or missing",
                    _ => null,
                },
            },
            cancellationToken);
        return standing;
    }

    /// <summary>Ends holds because a law enforcement agency asked for destruction, in the transaction that announces it.</summary>
    internal async Task LiftAsync(DbTransaction transaction, IReadOnlyList<Hold> yielding, Actor by)
    {
        foreach (var hold in yielding)
        {
            var lifted = hold.LiftedFor(clock.GetUtcNow());
            await LogAsync(transaction, "hold.lifted", lifted, by, await _table.UpdateAsync(transaction, lifted));
        }
    }

    /// <summary>Looks at every row. While one is damaged or missing nothing at all is destroyed.</summary>
    /// <returns>What is wrong; empty when all rows are whole.</returns>
    public Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken) => store.ReadAsync<IReadOnlyList<string>>(
        async connection =>
        {
            const int Page = 1000;
            var faults = new List<string>();
            var expected = 1L;
            IReadOnlyList<StoredHold> page;
            do
            {
                page = await _table.ReadAsync(connection, expected - 1, Page);
                foreach (var stored in page)
                {
                    for (; expected < stored.Number; expected++)
                    {
                        faults.Add(FormattableString.Invariant($"Hold {expected} is missing"));
                    }

                    if (stored.Hold is null)
                    {
                        faults.Add(FormattableString.Invariant($"Hold {stored.Number} was changed"));
                    }

                    expected = stored.Number + 1;
                }
            }
            while (page.Count == Page);

            var last = await Sequences.LastAsync(connection, HoldTable.Sequence);
            for (; expected <= last; expected++)
            {
                faults.Add(FormattableString.Invariant($"Hold {expected} is missing"));
            }

            return faults;
        },
        cancellationToken);

    /// <summary>The present, never earlier than what this store has seen, and by how much the clock is behind that.</summary>
    internal async Task<(DateTimeOffset Now, TimeSpan Behind)> NowAsync(DbConnection connection, DbTransaction? transaction)
    {
        var now = clock.GetUtcNow();
        return await _seen.ReadAsync(connection, transaction) is { } seen && seen > now + ClockTolerance
            ? (seen, seen - now)
            : (now, TimeSpan.Zero);
    }

    internal static HoldSubject CaseOf(EvidenceRecord evidence) =>
        CaseId.TryParse(evidence.CaseId, out var @case)
            ? HoldSubject.Of(@case)
            : throw new StoreUnusableException($"The record of {evidence.Id} names no proper case. Restore the store from a backup.");

    private Task<(DateTimeOffset Now, TimeSpan Behind)> NowAsync(DbTransaction transaction) =>
        NowAsync(transaction.Connection!, transaction);

    private Task<HoldAnswer<Hold>> ChangeAsync(
        long number,
        string action,
        Actor by,
        Func<DbTransaction, Hold, Task<HoldAnswer<Hold>>> change,
        CancellationToken cancellationToken) => store.WriteAsync(
            async transaction =>
            {
                await LockAsync(transaction);
                var found = Checked(number, await _table.FindAsync(transaction.Connection!, number, transaction));
                if (found.IsRefused)
                {
                    return found;
                }

                var changed = await change(transaction, found.Value);
                if (changed.IsRefused)
                {
                    return changed;
                }

                var digest = await _table.UpdateAsync(transaction, changed.Value);
                if (await CaseOfAsync(transaction, changed.Value.Subject) is { } @case)
                {
                    await cases.RecordPreservedAsync(transaction, @case, changed.Value.EndsAt);
                }

                await LogAsync(transaction, action, changed.Value, by, digest);
                return changed;
            },
            cancellationToken);

    /// <summary>Takes the locks of cases and of holds, in the order in which everybody takes them; the log's comes last.</summary>
    internal static async Task LockAsync(DbTransaction transaction)
    {
        await CaseTable.LockAsync(transaction);
        await HoldTable.LockAsync(transaction);
    }

    private static HoldAnswer<Hold> Checked(long number, StoredHold? stored) => stored switch
    {
        null => new HoldRefused.NoSuchHold(number),
        { Hold: null } => new HoldRefused.Damaged(FormattableString.Invariant($"Hold {number}")),
        { Hold: var hold } => hold,
    };

    private static IReadOnlyList<HoldLine> Lines(IReadOnlyList<StoredHold> stored) =>
        [.. stored.Select(one => new HoldLine(one.Number, one.Hold))];

    /// <summary>The case of a subject that can be held; null when there is no such thing, or when it was destroyed.</summary>
    private static async Task<CaseId?> CaseOfAsync(DbTransaction transaction, HoldSubject subject)
    {
        var text = subject.Evidence is { } evidence
            ? await transaction.Connection!.QuerySingleOrDefaultAsync<string>(
                "SELECT case_id FROM evidence WHERE id = @id AND state <> @destroyed",
                new { id = evidence.ToString(), destroyed = Words.Of(EvidenceState.Destroyed) },
                transaction)
            : await transaction.Connection!.QuerySingleOrDefaultAsync<string>(
                "SELECT id FROM review_case WHERE id = @id", new { id = subject.Case.ToString() }, transaction);
        return CaseId.TryParse(text, out var @case) ? @case : null;
    }

    /// <summary>Whether the log knows of more holds on these subjects, or of more changes to them, than the rows do.</summary>
    private async Task<string?> MissingAsync(
        DbConnection connection, IReadOnlyList<StoredHold> holds, params HoldSubject[] subjects)
    {
        foreach (var subject in subjects)
        {
            var entries = await audit.Table.ListAsync(
                connection, new AuditFilter { Subject = subject.ToString(), Action = "hold." }, MostHoldEntries);
            var rows = holds.Where(stored => stored.Hold?.Subject == subject).ToList();
            var placed = entries.Count(entry => entry.Action == Placed);
            if (rows.Count < placed || rows.Sum(stored => stored.Hold!.Changes) < entries.Count - placed)
            {
                return $"A hold on {subject}, or a change of one, that the audit log knows of";
            }
        }

        return null;
    }

    private Task<long> LogAsync(DbTransaction transaction, string action, Hold hold, Actor by, byte[] digest) => audit.AppendAsync(
        transaction,
        new AuditEntry
        {
            Action = action,
            Actor = by,
            Subject = hold.Subject.ToString(),
            Reason = FormattableString.Invariant($"hold {hold.Number}, {Words.Of(hold.Basis)}, until {HoldRefused.Shown(hold.EndsAt)}"),
            Digest = digest,
        });

    private static string SubjectOf(long number) => FormattableString.Invariant($"hold/{number}");

    /// <summary>What two people decide about: this very hold as it stands, and its new end.</summary>
    private static byte[] ContentOf(Hold hold, DateTimeOffset until) => SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant(
        $"shorten|{hold.Number}|{hold.Subject}|{Words.Of(hold.Basis)}|{hold.EndsAt.ToUnixTimeMilliseconds()}|{hold.Changes}|{until.ToUnixTimeMilliseconds()}")));
}

/// <summary>A hold in a list.</summary>
/// <param name="Hold">Null when its row was changed outside Palisade.</param>
public sealed record HoldLine(long Number, Hold? Hold);

/// <summary>A request that another person has to approve.</summary>
public sealed record ShorteningAsked(long Approval, Hold Hold);
