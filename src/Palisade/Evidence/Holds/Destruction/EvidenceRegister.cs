using Dapper;
using Palisade.Audit;
using Palisade.Evidence.Holds.Retention;
using Palisade.Review;
using Palisade.Storage;

namespace Palisade.Evidence.Holds.Destruction;

/// <summary>All evidence with what keeps it and when it is due: what people list, and what the sweep goes by.</summary>
public sealed class EvidenceRegister(
    Store store, EvidenceVault vault, CaseBook cases, HoldBook holds, RetentionBook retention, RetentionChoices choices)
{
    /// <summary>A page of evidence in the order of its ids.</summary>
    /// <param name="after">Text of the last id of the page before; empty for the first.</param>
    public async Task<IReadOnlyList<EvidenceLine>> ListAsync(
        string after, int limit, bool withDestroyed, CancellationToken cancellationToken)
    {
        var ids = await store.ReadAsync(
            async connection => (await connection.QueryAsync<string>(
                $"SELECT id FROM evidence WHERE id > @after {(withDestroyed ? "" : "AND state <> @destroyed")} ORDER BY id LIMIT @limit",
                new { after, destroyed = Words.Of(EvidenceState.Destroyed), limit = Math.Clamp(limit, 1, 1000) })).ToList(),
            cancellationToken);
        var settled = await choices.ListAsync(cancellationToken);
        var lines = new List<EvidenceLine>(ids.Count);
        foreach (var id in ids)
        {
            lines.Add(await LookAsync(id, settled, cancellationToken));
        }

        return lines;
    }

    /// <summary>One piece of evidence; null when there is none of that id.</summary>
    public async Task<EvidenceLine?> FindAsync(EvidenceId id, CancellationToken cancellationToken)
    {
        var line = await LookAsync(id.ToString(), await choices.ListAsync(cancellationToken), cancellationToken);
        return line.Record is null && line.Fault is null ? null : line;
    }

    /// <summary>When unheld evidence is due, by what became of its case.</summary>
    internal DestructionDue? DueOf(EvidenceRecord evidence, IReadOnlyList<RetentionChoice> settled, CaseStanding? standing)
    {
        if (standing is null)
        {
            throw new StoreUnusableException("Its case is missing. Restore the store from a backup.");
        }

        (RetainedAs About, DateTimeOffset Since)? kept = standing switch
        {
            { ReportedAt: { } reported } => (RetainedAs.Reported, reported),
            { State: CaseState.Open or CaseState.InReview } => (RetainedAs.Undecided, evidence.AdmittedAt),

            // What follows from the decision is still under way, a report perhaps: nothing asks for destruction yet.
            { State: not CaseState.Closed } or { Decision: null } => null,
            { Decision: { Action: PlatformAction.Release } released } => (RetainedAs.NotConfirmed, released.EffectiveAt),
            { Decision: var decision } => (RetainedAs.ActedUpon, decision.EffectiveAt),
        };
        return kept is var (about, since)
            ? retention.Of(standing.Service).DueOf(about, evidence.AdmittedAt, since, settled)
            : null;
    }

    private async Task<EvidenceLine> LookAsync(
        string text, IReadOnlyList<RetentionChoice> settled, CancellationToken cancellationToken)
    {
        if (!EvidenceId.TryParse(text, out var id))
        {
            return new EvidenceLine(text) { Fault = "its id is damaged" };
        }

        try
        {
            if (await vault.FindAsync(id, cancellationToken) is not { } evidence)
            {
                return new EvidenceLine(text);
            }

            if (evidence.State == EvidenceState.Destroyed)
            {
                return new EvidenceLine(text) { Record = evidence };
            }

            var standing = await holds.StandingAsync(evidence, cancellationToken);
            var due = await store.ReadAsync(
                async connection => DueOf(
                    evidence, settled, await cases.StandingAsync(connection, HoldBook.CaseOf(evidence).Case!.Value, id)),
                cancellationToken);
            return new EvidenceLine(text)
            {
                Record = evidence,
                Standing = standing,
                Due = due,
                Fault = standing is HoldStanding.Damaged damaged ? $"{damaged.What} is damaged or missing" : null,
            };
        }
        catch (Exception exception) when (exception is EvidenceDamagedException or StoreUnusableException or DamagedAuditException)
        {
            return new EvidenceLine(text) { Fault = exception.Message };
        }
    }
}

/// <summary>A piece of evidence in a list.</summary>
/// <param name="Id">Its id as it stands in the store.</param>
public sealed record EvidenceLine(string Id)
{
    public EvidenceRecord? Record { get; init; }

    /// <summary>Null for destroyed evidence, and where a record is damaged.</summary>
    public HoldStanding? Standing { get; init; }

    /// <summary>When it may be destroyed once nothing holds it; null when nothing asks for that.</summary>
    public DestructionDue? Due { get; init; }

    /// <summary>What is damaged, so that it is left alone; null when all is whole.</summary>
    public string? Fault { get; init; }

    public bool IsDueAt(DateTimeOffset moment) => Fault is null && Standing is HoldStanding.Free && Due?.At <= moment;
}
