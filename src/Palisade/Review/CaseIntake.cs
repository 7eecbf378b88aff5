using System.Data.Common;
using Microsoft.Extensions.Logging;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Policy;
using Palisade.Storage;

namespace Palisade.Review;

/// <summary>
/// Takes uploads into cases. The bytes are sealed and on stable storage before the transaction; the case, the evidence's
/// row and the audit entries appear in the very transaction that keeps the answer.
/// </summary>
/// <remarks>
/// A crash before the transaction leaves sealed bytes that no row names, which a sweep clears away; the caller was not
/// answered and sends the upload again. A crash after it leaves everything.
/// </remarks>
public sealed class CaseIntake
{
    private readonly CaseTable _table;
    private readonly CaseLines _lines;
    private readonly EvidenceVault _vault;
    private readonly AuditLog _audit;
    private readonly ReviewOptions _options;
    private readonly ILogger _logger;

    private long _unsealed;

    internal CaseIntake(
        CaseTable table, CaseLines lines, EvidenceVault vault, AuditLog audit, ReviewOptions options, ILogger logger)
    {
        _table = table;
        _lines = lines;
        _vault = vault;
        _audit = audit;
        _options = options;
        _logger = logger;
    }

    /// <summary>Uploads since the start whose bytes could not be sealed.</summary>
    public long Unsealed => Interlocked.Read(ref _unsealed);

    /// <summary>Seals the bytes of an upload that is going to be in a case.</summary>
    /// <returns>Null when that failed: the upload is held and its facts are kept, and the log says so at once.</returns>
    internal async Task<StagedEvidence?> SealAsync(
        ReadOnlyMemory<byte> bytes, EvidenceFacts facts, CancellationToken cancellationToken)
    {
        try
        {
            return await _vault.StageAsync(bytes, facts, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever it was, the facts must not be lost with the bytes, and the upload must not pass for clean.
            Interlocked.Increment(ref _unsealed);
            _logger.LogCritical(
                exception,
                "The bytes of {Source} could not be sealed. It is held and its facts are kept; the platform must keep its own copy. Mend the cause: room on the disk of the data folder, or the sealing key",
                facts.Source);
            return null;
        }
    }

    /// <summary>Opens a case for an upload, or lets it join the undecided case of the same picture.</summary>
    /// <remarks>Call it before a number of the feed or of the audit log is taken, and <see cref="AttestAsync"/> after.</remarks>
    internal async Task<Entered> EnterAsync(DbTransaction transaction, IncomingUpload incoming)
    {
        await CaseTable.LockAsync(transaction);
        var macs = CaseKeys.Of(incoming.Service, incoming.Facts).Select(_table.MacOf).ToList();
        var found = macs.Count > 0 ? await _table.FindByKeysAsync(transaction, macs) : null;
        var before = found ?? new Case
        {
            Id = CaseId.New(),
            Number = await Sequences.TakeAsync(transaction, CaseTable.Sequence),
            State = CaseState.Open,
            Origin = incoming.Facts.Flag is null ? CaseOrigin.Verdict : CaseOrigin.Flag,
            Service = incoming.Service,
            Verdict = null,
            Uploads = 0,
            OpenedAt = incoming.CameAt,
            DueAt = incoming.CameAt + _options.DecideWithin,
            ChangedAt = incoming.CameAt,
            Reasons = [],
            Receipts = new CaseReceipts { Detected = incoming.CameAt },
        };
        var record = before with
        {
            Uploads = before.Uploads + 1,
            Verdict = Stronger(before.Verdict, incoming.Verdict),
            HeldSince = before.HeldSince ?? (incoming.IsHeld ? incoming.CameAt : null),
            ChangedAt = incoming.CameAt,
            Reasons = [.. before.Reasons.Union(incoming.Facts.Reasons, StringComparer.Ordinal)],
        };
        if (found is null)
        {
            await _table.InsertAsync(transaction, record);
        }
        else
        {
            await _table.UpdateAsync(transaction, record);
        }

        await CaseTable.AddKeysAsync(transaction, record.Id, macs);
        var digest = await _lines.AddUploadAsync(transaction, record.Id, new CaseUpload
        {
            Source = incoming.Source,
            Position = record.Uploads,
            Service = incoming.Service,
            Verdict = incoming.Verdict,
            Evidence = incoming.Staged?.Id,
            Gap = incoming.Gap,
            CameAt = incoming.CameAt,
            Facts = incoming.Facts,
        });
        return new Entered(record, IsNew: found is null, incoming, digest);
    }

    /// <summary>Admits the evidence and writes the audit entry, as the last acts of the transaction.</summary>
    internal async Task AttestAsync(DbTransaction transaction, Entered entered)
    {
        var incoming = entered.Incoming;
        if (incoming.Staged is { } staged)
        {
            await _vault.AdmitAsync(transaction, staged, entered.Case.Id.ToString(), incoming.By);
        }

        await _audit.AppendAsync(transaction, new AuditEntry
        {
            Action = entered.IsNew ? "case.opened" : "case.joined",
            Actor = incoming.By,
            Subject = $"case/{entered.Case.Id}",
            Reason = incoming.Gap is { } gap ? $"by {incoming.Source}, without bytes: {Words.Of(gap)}" : $"by {incoming.Source}",
            Digest = entered.FactsDigest,
        });
    }

    private static VerdictAction? Stronger(VerdictAction? one, VerdictAction? other) =>
        one is null ? other : other is null || one > other ? one : other;

    /// <summary>A case as it is with its newest upload.</summary>
    internal sealed record Entered(Case Case, bool IsNew, IncomingUpload Incoming, byte[] FactsDigest);
}

/// <summary>An upload or a flag on its way into a case.</summary>
internal sealed record IncomingUpload
{
    /// <summary>The scan's or the flag's id.</summary>
    public required string Source { get; init; }

    public required string Service { get; init; }

    public required VerdictAction? Verdict { get; init; }

    /// <summary>The platform keeps it back until a person has decided.</summary>
    public required bool IsHeld { get; init; }

    public required CaseUploadFacts Facts { get; init; }

    public required DateTimeOffset CameAt { get; init; }

    public required Actor By { get; init; }

    public StagedEvidence? Staged { get; init; }

    public EvidenceGap? Gap { get; init; }
}
