using System.Data.Common;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Evidence;

/// <summary>Sealed evidence: encrypted before it is stored, in a folder whose names are never written twice.</summary>
public sealed class EvidenceVault(Store store, SealingKeys keys, AuditLog audit, string folder, TimeProvider clock)
{
    /// <summary>
    /// Seals bytes and their facts and puts them on stable storage. They count as evidence once
    /// <see cref="AdmitAsync"/> has committed; until then a sweep may clear them away.
    /// </summary>
    public Task<StagedEvidence> StageAsync(ReadOnlyMemory<byte> bytes, EvidenceFacts facts, CancellationToken cancellationToken) =>
        throw Unfilled(store, keys, audit, folder, clock, bytes.Length, facts, cancellationToken);

    /// <summary>Records staged evidence in the transaction that opens or joins its case, with its audit entry.</summary>
    /// <param name="caseId">Text of the case's id.</param>
    public Task AdmitAsync(DbTransaction transaction, StagedEvidence staged, string caseId, Actor actor) =>
        throw Unfilled(transaction, staged, caseId, actor);

    /// <summary>Writes the clear bytes to a stream, once an audit entry is on stable storage.</summary>
    /// <exception cref="SealedServiceException">The service is sealed.</exception>
    /// <exception cref="AuditUnavailableException">The log took no entry; no byte was written.</exception>
    public Task OpenAsync(
        EvidenceId id, Stream destination, Actor actor, string reason, CancellationToken cancellationToken) =>
        throw Unfilled(id, destination, actor, reason, cancellationToken);

    /// <summary>The facts that were sealed with the bytes. Audited like the bytes.</summary>
    public Task<EvidenceFacts> FactsAsync(EvidenceId id, Actor actor, string reason, CancellationToken cancellationToken) =>
        throw Unfilled(id, actor, reason, cancellationToken);

    private static NotSupportedException Unfilled(params object?[] used) => new(FormattableString.Invariant($"{used.Length} parameters, no body yet."));
}

/// <summary>Evidence that lies sealed in the folder and has no row yet.</summary>
public sealed record StagedEvidence(EvidenceId Id, byte[] Sha256, long SizeBytes);
