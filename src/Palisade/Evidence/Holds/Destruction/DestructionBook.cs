using System.Data.Common;
using System.Security.Cryptography;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Evidence.Holds.Destruction;

/// <summary>
/// Destroys evidence, step by step, each durable before the next: announced on the audit log; data keys destroyed; bytes
/// removed; certificate written and its digest on the log.
/// </summary>
/// <remarks>
/// A crash after any step leaves a row that says how far it came, and the next sweep goes on from there; every step may be
/// done again. Holds are looked at under their lock when it is announced and again when the keys go, so a hold that was placed
/// between the two still saves the evidence.
/// </remarks>
public sealed class DestructionBook(
    Store store,
    BankKey key,
    EvidenceVault vault,
    HoldBook holds,
    AuditLog audit,
    ApprovalBook approvals,
    SweepOptions options,
    TimeProvider clock)
{
    private const string Begun = "evidence.destruction-begun";
    private const string Destroyed = "evidence.destroyed";

    private readonly DestructionTable _table = new(key);

    /// <summary>Where the destruction of a piece of evidence stands; null when none was begun.</summary>
    public async Task<DestructionRecord?> FindAsync(EvidenceId id, CancellationToken cancellationToken) =>
        (await store.ReadAsync(connection => _table.FindAsync(connection, id), cancellationToken))?.Record;

    /// <summary>The certificate, once everything is gone; null before.</summary>
    public async Task<DestructionCertificate?> FindCertificateAsync(EvidenceId id, CancellationToken cancellationToken) =>
        await store.ReadAsync(connection => _table.FindAsync(connection, id), cancellationToken) is
        { Certificate: { } text, Record.ResultEntry: { } entry }
            ? new DestructionCertificate(text, entry)
            : null;

    /// <summary>Whether the audit log says the same as a certificate; null when it does, else what does not fit.</summary>
    public async Task<string?> VerifyAsync(EvidenceId id, DestructionCertificate certificate, CancellationToken cancellationToken)
    {
        var record = await FindAsync(id, cancellationToken);
        var begun = record is null ? null : await audit.FindAsync(record.BegunEntry, cancellationToken);
        var result = await audit.FindAsync(certificate.ResultEntry, cancellationToken);
        return record is null || begun is not { Action: Begun } || begun.Subject != SubjectOf(id) ||
               begun.Digest?.AsSpan().SequenceEqual(Convert.FromHexString(record.Facts.SealedSha256)) != true
                ? "The audit log has no entry that announced this destruction."
            : result is not { Action: Destroyed } || result.Subject != SubjectOf(id) || result.ResultOf != begun.Number
                ? "The audit log has no entry that tells the result of this destruction."
            : result.Digest?.AsSpan().SequenceEqual(certificate.Sha256) != true
                ? "The audit log holds the digest of another certificate: this one was changed."
            : null;
    }

    /// <summary>Asks a second person whether to destroy a piece of evidence at a law enforcement agency's request.</summary>
    public async Task<DestructionAnswer> AskForAuthorityAsync(
        EvidenceId id, AuthorityRequest request, string why, Actor by, CancellationToken cancellationToken)
    {
        if (request.Fault(clock.GetUtcNow()) is { } fault)
        {
            return new DestructionAnswer.Refused(fault);
        }

        if (string.IsNullOrWhiteSpace(why) || why.Length > ApprovalBook.LongestReason)
        {
            return new DestructionAnswer.Refused($"Give the second person a reason of 1 to {ApprovalBook.LongestReason} characters.");
        }

        if (await vault.FindAsync(id, cancellationToken) is not { State: EvidenceState.Sealed } evidence)
        {
            return NothingThere(id);
        }

        if (Keeping(await holds.StandingAsync(evidence, cancellationToken)) is { } kept)
        {
            return new DestructionAnswer.Refused(kept);
        }

        return new DestructionAnswer.Asked(await approvals.RequestAsync(
            TwoPersonOperation.DestroyForAuthority,
            SubjectOf(id),
            request.ContentFor(evidence),
            by,
            why,
            cancellationToken));
    }

    /// <summary>Destroys a piece of evidence at a law enforcement agency's request, once another person has approved it.</summary>
    /// <remarks>
    /// Holds that serve only the agency's own country's preservation, or the provider, end with it: keeping was a request of the
    /// same kind of authority. Any other active hold stands in the way; its own authority has to withdraw it.
    /// </remarks>
    public async Task<DestructionAnswer> DestroyForAuthorityAsync(
        EvidenceId id, AuthorityRequest request, long approval, Actor by, CancellationToken cancellationToken)
    {
        if (await vault.FindAsync(id, cancellationToken) is { } known &&
            await holds.StandingAsync(known, cancellationToken) is HoldStanding.Damaged damaged)
        {
            return new DestructionAnswer.Refused(new HoldRefused.Damaged(damaged.What).Reason);
        }

        var (begun, refusal) = await store.WriteAsync(
            transaction => BeginForAuthorityAsync(transaction, id, request, approval, by), cancellationToken);
        return begun is null ? refusal! : await FinishAsync(begun, cancellationToken);
    }

    /// <summary>What a crash left unfinished, in the order in which it began.</summary>
    internal Task<IReadOnlyList<DestructionRecord>> UnfinishedAsync(CancellationToken cancellationToken) =>
        store.ReadAsync(_table.UnfinishedAsync, cancellationToken);

    internal async Task<bool> IsUnderWayAsync(DbTransaction transaction, EvidenceId id) =>
        await _table.FindAsync(transaction.Connection!, id, transaction) is
        { Record.State: DestructionState.Begun or DestructionState.KeyDestroyed };

    /// <summary>Announces a destruction in a transaction that has found, under the lock of holds, that nothing keeps it.</summary>
    internal async Task<DestructionRecord> BeginAsync(
        DbTransaction transaction, EvidenceRecord evidence, string rule, Actor by, AuthorityRequest? request, IReadOnlyList<long> lifted)
    {
        var entry = await audit.AppendAsync(transaction, new AuditEntry
        {
            Action = Begun,
            Actor = by,
            Subject = SubjectOf(evidence.Id),
            Reason = rule,
            Digest = evidence.SealedSha256,
        });
        var record = new DestructionRecord
        {
            Evidence = evidence.Id,
            State = DestructionState.Begun,
            BegunEntry = entry,
            BegunAt = Now(),
            Facts = new DestructionFacts(
                evidence.CaseId, Convert.ToHexStringLower(evidence.SealedSha256), evidence.SizeBytes, evidence.AdmittedAt, rule,
                audit.Actors.PseudonymOf(by), request, lifted),
        };
        await _table.WriteAsync(transaction, record);
        return record;
    }

    /// <summary>Goes on with a destruction from wherever it stands to its end.</summary>
    /// <param name="cancellationToken">Heeded between the steps; the next sweep goes on from there.</param>
    internal async Task<DestructionAnswer> FinishAsync(DestructionRecord record, CancellationToken cancellationToken)
    {
        if (record.State == DestructionState.Begun)
        {
            cancellationToken.ThrowIfCancellationRequested();
            record = await DestroyKeysAsync(record);
        }

        if (record.State == DestructionState.KeyDestroyed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await RemoveBytesAsync(record);
            cancellationToken.ThrowIfCancellationRequested();
            record = await CertifyAsync(record);
        }

        return record.State == DestructionState.Done
            ? new DestructionAnswer.Done(record)
            : new DestructionAnswer.Refused($"{record.Evidence} was not destroyed: a hold was placed on it meanwhile.");
    }

    /// <summary>Second step: the keys go, in one commit with the row that says so; or nothing does, when a hold came between.</summary>
    internal Task<DestructionRecord> DestroyKeysAsync(DestructionRecord record) => store.WriteAsync(
        async transaction =>
        {
            await HoldBook.LockAsync(transaction);
            var current = (await _table.FindAsync(transaction.Connection!, record.Evidence, transaction))!.Value.Record;
            if (current.State != DestructionState.Begun)
            {
                return current;
            }

            var evidence = await vault.FindAsync(transaction, record.Evidence) ?? throw new StoreUnusableException(
                $"The record of {record.Evidence} is gone. Restore the store from a backup.");
            if (await holds.StandingAsync(transaction, evidence) is not HoldStanding.Free)
            {
                var entry = await audit.AppendAsync(
                    transaction, Result(current, "evidence.destruction-stopped") with { Reason = "it is held" });
                var stopped = current with { State = DestructionState.Stopped, ResultEntry = entry };
                await _table.WriteAsync(transaction, stopped);
                return stopped;
            }

            await vault.ForgetKeyAsync(transaction, record.Evidence);
            var next = current with { State = DestructionState.KeyDestroyed };
            await _table.WriteAsync(transaction, next);
            return next;
        },
        CancellationToken.None);

    /// <summary>Third step: the sealed file goes, and its folder is synchronised.</summary>
    internal async Task RemoveBytesAsync(DestructionRecord record)
    {
        if (await vault.FindAsync(record.Evidence, CancellationToken.None) is { State: EvidenceState.Destroyed } destroyed)
        {
            vault.RemoveBytes(destroyed);
        }
    }

    /// <summary>Fourth step: the certificate, and the entry that tells the result and holds its digest.</summary>
    internal async Task<DestructionRecord> CertifyAsync(DestructionRecord record)
    {
        var destroyed = await vault.FindAsync(record.Evidence, CancellationToken.None);
        return await store.WriteAsync(
            async transaction =>
            {
                await HoldBook.LockAsync(transaction);
                var current = (await _table.FindAsync(transaction.Connection!, record.Evidence, transaction))!.Value.Record;
                if (current.State != DestructionState.KeyDestroyed)
                {
                    return current;
                }

                var text = DestructionCertificate.Write(current, destroyed!.DestroyedAt!.Value, Now());
                var entry = await audit.AppendAsync(
                    transaction, Result(current, Destroyed) with { Digest = SHA256.HashData(text) });
                var done = current with { State = DestructionState.Done, ResultEntry = entry };
                await _table.WriteAsync(transaction, done, text);
                return done;
            },
            CancellationToken.None);
    }

    private async Task<(DestructionRecord? Begun, DestructionAnswer? Refusal)> BeginForAuthorityAsync(
        DbTransaction transaction, EvidenceId id, AuthorityRequest request, long approval, Actor by)
    {
        await HoldBook.LockAsync(transaction);

        // With a clock that is ahead, a hold of another authority would seem to have ended.
        var seen = await holds.Seen.ReadAsync(transaction.Connection!, transaction);
        if (SweepRefused.OfClock(clock.GetUtcNow(), seen, options) is { } doubt)
        {
            return (null, new DestructionAnswer.Refused(doubt.Reason));
        }

        if (await vault.FindAsync(transaction, id) is not { State: EvidenceState.Sealed } evidence)
        {
            return (null, NothingThere(id));
        }

        var standing = await holds.StandingAsync(transaction, evidence);
        if (Keeping(standing) is { } kept)
        {
            return (null, new DestructionAnswer.Refused(kept));
        }

        var refusal = await approvals.SpendAsync(
            transaction, approval, TwoPersonOperation.DestroyForAuthority, SubjectOf(id), request.ContentFor(evidence), by);
        if (refusal is not null)
        {
            return (null, new DestructionAnswer.Refused(refusal));
        }

        var lifted = standing is HoldStanding.Held held ? held.Active : [];
        await holds.LiftAsync(transaction, lifted, by);
        var begun = await BeginAsync(
            transaction, evidence, FormattableString.Invariant($"{AuthorityRequest.Basis}, approval {approval}"), by, request,
            [.. lifted.Select(hold => hold.Number)]);
        return (begun, null);
    }

    /// <summary>Why a request to destroy cannot be followed; null when nothing stands in its way.</summary>
    private static string? Keeping(HoldStanding standing) => standing switch
    {
        HoldStanding.Damaged damaged => new HoldRefused.Damaged(damaged.What).Reason,
        HoldStanding.Held held when held.Active.FirstOrDefault(hold => !HoldRule.Of(hold.Basis).YieldsToDestruction) is { } firm =>
            FormattableString.Invariant(
                $"Hold {firm.Number} keeps this until {HoldRefused.Shown(firm.EndsAt)} by {HoldRule.Of(firm.Basis).Source}, which does not yield ") +
            "to a request to destroy. Tell both authorities; whoever asked for that hold has to withdraw it, or it has to end.",
        _ => null,
    };

    private static DestructionAnswer.Refused NothingThere(EvidenceId id) =>
        new($"There is no evidence {id}, or it was destroyed already. `palisade evidence list` shows what there is.");

    private static AuditEntry Result(DestructionRecord record, string action) => new()
    {
        Action = action,
        Actor = Actor.Palisade,
        Subject = SubjectOf(record.Evidence),
        ResultOf = record.BegunEntry,
    };

    private static string SubjectOf(EvidenceId id) => $"evidence/{id}";

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
}

/// <summary>What came of a wish to destroy. A closed set.</summary>
public abstract record DestructionAnswer
{
    private DestructionAnswer()
    {
    }

    /// <param name="Approval">The number of the request that another person has to approve.</param>
    public sealed record Asked(long Approval) : DestructionAnswer;

    public sealed record Done(DestructionRecord Record) : DestructionAnswer;

    /// <param name="Reason">Why nothing was destroyed, and what to do.</param>
    public sealed record Refused(string Reason) : DestructionAnswer;
}
