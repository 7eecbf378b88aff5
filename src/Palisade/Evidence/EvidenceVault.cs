using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Evidence;

/// <summary>Sealed evidence: encrypted before it is stored, in a folder whose names are never written twice.</summary>
/// <remarks>
/// Order of a taking: file written and synchronised, its name synchronised, then one transaction with the row, the wrapped
/// keys, the sealed facts and the audit entry. A crash before the transaction leaves a file that nothing can open.
/// </remarks>
public sealed class EvidenceVault(Store store, SealingKeys keys, AuditLog audit, string folder, TimeProvider clock)
{
    /// <summary>What the checksums of evidence rows are derived for.</summary>
    internal static ReadOnlySpan<byte> RowPurpose => "evidence rows v1"u8;

    /// <summary>Folder of the sealed files, inside the data folder.</summary>
    public const string FolderName = "evidence";

    /// <summary>What was staged is admitted within this time or staged anew; only much older files are swept.</summary>
    private static readonly TimeSpan LongestStaging = TimeSpan.FromMinutes(30);

    /// <summary>Twice the longest staging.</summary>
    private static readonly TimeSpan OrphanAge = TimeSpan.FromHours(1);

    /// <summary>Touched by the sweep alone.</summary>
    private readonly ConcurrentDictionary<string, long> _unnamedSince = new(StringComparer.Ordinal);

    private readonly EvidenceFolder _folder = new(folder);
    private readonly EvidenceTable _table = new(keys.NewRowCheck(RowPurpose));

    internal EvidenceFolder Files => _folder;

    /// <summary>Whether evidence can be kept: there is a sealing key, made here or meanwhile by another process.</summary>
    public async ValueTask<bool> CanTakeAsync(CancellationToken cancellationToken)
    {
        if (!keys.CanSeal)
        {
            await keys.RefreshAsync(cancellationToken);
        }

        return keys.CanSeal;
    }

    /// <summary>
    /// Seals bytes and their facts and puts them on stable storage. They count as evidence once
    /// <see cref="AdmitAsync"/> has committed; until then a sweep may clear them away.
    /// </summary>
    /// <exception cref="NoSealingKeyException">There is no sealing key yet.</exception>
    /// <exception cref="IOException">The folder could not be written; the text says what to do.</exception>
    public async Task<StagedEvidence> StageAsync(ReadOnlyMemory<byte> bytes, EvidenceFacts facts, CancellationToken cancellationToken) =>
        await StageAsync(
            writer =>
            {
                writer.Write(bytes.Span);
                return Task.CompletedTask;
            },
            facts,
            cancellationToken);

    /// <summary>The same for bytes that come as a stream; memory stays flat.</summary>
    public Task<StagedEvidence> StageAsync(Stream bytes, EvidenceFacts facts, CancellationToken cancellationToken) =>
        StageAsync(
            async writer =>
            {
                var buffer = GC.AllocateUninitializedArray<byte>(SealedHeader.UsualChunkBytes);
                try
                {
                    while (await bytes.ReadAsync(buffer, cancellationToken) is > 0 and var length)
                    {
                        writer.Write(buffer.AsSpan(0, length));
                    }
                }
                finally
                {
                    CryptographicOperations.ZeroMemory(buffer);
                }
            },
            facts,
            cancellationToken);

    /// <summary>Records staged evidence in the transaction that opens or joins its case, with its audit entry.</summary>
    /// <param name="caseId">Text of the case's id.</param>
    /// <exception cref="IOException">It was staged too long ago or its file is gone: stage it again.</exception>
    public async Task AdmitAsync(DbTransaction transaction, StagedEvidence staged, string caseId, Actor actor)
    {
        if (clock.GetElapsedTime(staged.StagedAt) > LongestStaging || !_folder.Holds(staged.SealedSha256))
        {
            throw new IOException($"Evidence {staged.Id} was staged too long ago or its file is gone, so it was not admitted. Stage it again.");
        }

        await _table.InsertAsync(transaction, new EvidenceRecord
        {
            Id = staged.Id,
            CaseId = caseId,
            State = EvidenceState.Sealed,
            SizeBytes = staged.SizeBytes,
            Header = staged.Header,
            SealedSha256 = staged.SealedSha256,
            FactsSha256 = SHA256.HashData(staged.SealedFacts),
            AdmittedAt = clock.GetUtcNow(),
        });
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO evidence_facts (evidence_id, sealed) VALUES (@id, @SealedFacts)",
            new { id = staged.Id.ToString(), staged.SealedFacts },
            transaction);
        await keys.KeepAsync(transaction, staged.OriginalKey, BoundOf(staged.Id, SealedPurpose.Original));
        await keys.KeepAsync(transaction, staged.FactsKey, BoundOf(staged.Id, SealedPurpose.Facts));

        // The digest of the sealed file: it fixes the content and, unlike a digest of that, names no known picture.
        await audit.AppendAsync(transaction, Entry("evidence.sealed", staged.Id, actor, caseId) with { Digest = staged.SealedSha256 });
    }

    /// <summary>Writes the clear bytes to a stream, once an audit entry is on stable storage.</summary>
    /// <exception cref="SealedServiceException">The service is sealed.</exception>
    /// <exception cref="AuditUnavailableException">The log took no entry; no byte was written.</exception>
    /// <exception cref="EvidenceUnavailableException">There is none of that id, or it was destroyed.</exception>
    /// <exception cref="EvidenceDamagedException">It is not what was sealed. Only chunks before the damage were written.</exception>
    public async Task OpenAsync(
        EvidenceId id, Stream destination, Actor actor, string reason, CancellationToken cancellationToken)
    {
        var opened = await audit.RecordAsync(Entry("evidence.opened", id, actor, reason), cancellationToken);
        var written = 0L;
        var end = "stopped";
        try
        {
            var record = await FindSealedAsync(id, cancellationToken);
            var dataKey = await DataKeyAsync(id, SealedPurpose.Original, cancellationToken);
            try
            {
                await using var file = OpenFile(record);
                using var reader = await SealedReader.OpenAsync(
                    file, dataKey, id, SealedPurpose.Original, record.Header, cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    await destination.WriteAsync(reader.Chunk, cancellationToken);
                    written += reader.Chunk.Length;
                }
            }
            finally
            {
                CryptographicOperations.ZeroMemory(dataKey);
            }

            end = "whole";
        }
        catch (Exception exception)
        {
            end = EndOf(exception);
            throw;
        }
        finally
        {
            await RecordEndAsync(id, actor, opened, string.Create(CultureInfo.InvariantCulture, $"{end}, {written} bytes"));
        }
    }

    /// <summary>The facts that were sealed with the bytes. Audited like the bytes.</summary>
    public async Task<EvidenceFacts> FactsAsync(EvidenceId id, Actor actor, string reason, CancellationToken cancellationToken)
    {
        var opened = await audit.RecordAsync(Entry("evidence.facts-read", id, actor, reason), cancellationToken);
        var end = "stopped";
        try
        {
            var facts = await ReadFactsAsync(id, cancellationToken);
            end = "whole";
            return facts;
        }
        catch (Exception exception)
        {
            end = EndOf(exception);
            throw;
        }
        finally
        {
            await RecordEndAsync(id, actor, opened, end);
        }
    }

    /// <summary>The facts as they lie, sealed; for whoever passes them on without opening them.</summary>
    /// <exception cref="EvidenceUnavailableException">There are none.</exception>
    internal async Task<byte[]> SealedFactsAsync(EvidenceId id, CancellationToken cancellationToken) => await store.ReadAsync(
        connection => connection.QuerySingleOrDefaultAsync<byte[]>(
            "SELECT sealed FROM evidence_facts WHERE evidence_id = @id", new { id = id.ToString() }),
        cancellationToken) ?? throw new EvidenceUnavailableException(id, "its facts are gone");

    /// <summary>What is known without opening; null when there is none of that id.</summary>
    public Task<EvidenceRecord?> FindAsync(EvidenceId id, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => _table.FindAsync(connection, id), cancellationToken);

    /// <summary>The same inside a transaction.</summary>
    internal Task<EvidenceRecord?> FindAsync(DbTransaction transaction, EvidenceId id) =>
        _table.FindAsync(transaction.Connection!, id, transaction);

    /// <summary>All evidence of a case, oldest first, destroyed included.</summary>
    public Task<IReadOnlyList<EvidenceRecord>> ListAsync(string caseId, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => _table.OfCaseAsync(connection, caseId), cancellationToken);

    /// <summary>
    /// Destroys the keys of a piece of evidence and says so in its row; from the commit on nothing can open it. The caller has
    /// seen to holds and to the audit entry, and calls <see cref="RemoveBytes"/> once this has committed.
    /// </summary>
    /// <returns>The record as it was; null when there is none of that id or it was destroyed before.</returns>
    internal async Task<EvidenceRecord?> ForgetKeyAsync(DbTransaction transaction, EvidenceId id)
    {
        var record = await _table.FindAsync(transaction.Connection!, id, transaction);
        if (record is not { State: EvidenceState.Sealed })
        {
            return null;
        }

        await SealingKeys.ForgetAsync(transaction, BoundOf(id, SealedPurpose.Original));
        await SealingKeys.ForgetAsync(transaction, BoundOf(id, SealedPurpose.Facts));
        await transaction.Connection!.ExecuteAsync(
            "DELETE FROM evidence_facts WHERE evidence_id = @id", new { id = id.ToString() }, transaction);
        await _table.UpdateStateAsync(
            transaction, record with { State = EvidenceState.Destroyed, DestroyedAt = clock.GetUtcNow() });
        return record;
    }

    /// <summary>Removes the sealed bytes of destroyed evidence. After a crash the orphan sweep does it.</summary>
    internal bool RemoveBytes(EvidenceRecord destroyed) => _folder.Remove(EvidenceFolder.NameOf(destroyed.SealedSha256));

    /// <summary>
    /// Removes what a crash left in the folder: files that no evidence names, once this process has seen them so for an hour,
    /// and files of destroyed evidence at once.
    /// </summary>
    /// <remarks>
    /// The hour is of a clock that nobody sets, and begins anew with each process: a time of day that jumps destroys nothing,
    /// and a transaction that is about to admit a file has long ended.
    /// </remarks>
    /// <returns>How many files were removed.</returns>
    /// <exception cref="EvidenceDamagedException">A record was changed, so nothing was removed: it may have named a file.</exception>
    public async Task<int> SweepOrphansAsync(CancellationToken cancellationToken)
    {
        await store.ReadAsync(
            async connection =>
            {
                await _table.CheckAllAsync(connection);
                return 0;
            },
            cancellationToken);
        var (removed, present) = (0, new HashSet<string>(StringComparer.Ordinal));
        foreach (var (name, sealedSha256) in _folder.Files().ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            present.Add(name);
            var states = sealedSha256 is null
                ? []
                : await store.ReadAsync(connection => EvidenceTable.StatesOfFileAsync(connection, sealedSha256), cancellationToken);
            if (states.Contains(EvidenceState.Sealed))
            {
                _unnamedSince.TryRemove(name, out _);
            }
            else if (states.Count > 0 || clock.GetElapsedTime(_unnamedSince.GetOrAdd(name, _ => clock.GetTimestamp())) >= OrphanAge)
            {
                removed += _folder.Remove(name) ? 1 : 0;
            }
        }

        foreach (var gone in _unnamedSince.Keys.Where(name => !present.Contains(name)))
        {
            _unnamedSince.TryRemove(gone, out _);
        }

        return removed;
    }

    /// <summary>The name under which a data key is kept and to which it is bound: id, purpose and version.</summary>
    internal static string BoundOf(EvidenceId id, SealedPurpose purpose) => $"evidence/{id}/{Words.Of(purpose)}/1";

    private static AuditEntry Entry(string action, EvidenceId id, Actor actor, string? reason) =>
        new() { Action = action, Actor = actor, Subject = $"evidence/{id}", Reason = reason };

    private static string EndOf(Exception exception) => exception switch
    {
        SealedServiceException => "refused, the service is sealed",
        EvidenceUnavailableException => "refused, there is none",
        EvidenceDamagedException => "stopped, it is damaged",
        _ => "stopped",
    };

    private async Task<StagedEvidence> StageAsync(
        Func<SealedWriter, Task> write, EvidenceFacts facts, CancellationToken cancellationToken)
    {
        if (!await CanTakeAsync(cancellationToken))
        {
            throw new NoSealingKeyException();
        }

        var (originalKey, factsKey) = (NewDataKey(), NewDataKey());
        try
        {
            return await SealAsync(EvidenceId.New(), write, facts, originalKey, factsKey);
        }
        catch
        {
            CryptographicOperations.ZeroMemory(originalKey);
            CryptographicOperations.ZeroMemory(factsKey);
            throw;
        }
    }

    private async Task<StagedEvidence> SealAsync(
        EvidenceId id, Func<SealedWriter, Task> write, EvidenceFacts facts, byte[] originalKey, byte[] factsKey)
    {
        var (sealedSha256, original) = await _folder.WriteAsync(async file =>
        {
            using var writer = new SealedWriter(
                file, new SealedHeader(id, SealedPurpose.Original, SealedHeader.UsualChunkBytes), originalKey);
            await write(writer);
            return (Sha256: writer.Complete(), writer.SizeBytes, writer.Header);
        });
        return new StagedEvidence(id, original.Sha256, original.SizeBytes)
        {
            SealedSha256 = sealedSha256,
            Header = original.Header,
            SealedFacts = SealedFacts.Seal(id, new SealedFacts(original.Sha256, original.SizeBytes, facts), factsKey),
            OriginalKey = originalKey,
            FactsKey = factsKey,
            StagedAt = clock.GetTimestamp(),
        };
    }

    private static byte[] NewDataKey()
    {
        var key = GC.AllocateArray<byte>(WrappedKey.DataKeyBytes, pinned: true);
        RandomNumberGenerator.Fill(key);
        return key;
    }

    private async Task<EvidenceRecord> FindSealedAsync(EvidenceId id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) switch
        {
            null => throw new EvidenceUnavailableException(id, "there is none of that id"),
            { State: EvidenceState.Destroyed } => throw new EvidenceUnavailableException(id, "it was destroyed"),
            var record => record,
        };

    private async Task<byte[]> DataKeyAsync(EvidenceId id, SealedPurpose purpose, CancellationToken cancellationToken) =>
        await keys.FindKeptAsync(BoundOf(id, purpose), cancellationToken) ??
        throw new EvidenceDamagedException(id, "its wrapped key is missing");

    private FileStream OpenFile(EvidenceRecord record)
    {
        try
        {
            return _folder.OpenRead(record.SealedSha256);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EvidenceDamagedException(record.Id, "its file is missing");
        }
    }

    private async Task<EvidenceFacts> ReadFactsAsync(EvidenceId id, CancellationToken cancellationToken)
    {
        var record = await FindSealedAsync(id, cancellationToken);
        var sealedFacts = await store.ReadAsync(
            connection => connection.QuerySingleOrDefaultAsync<byte[]>(
                "SELECT sealed FROM evidence_facts WHERE evidence_id = @id", new { id = id.ToString() }),
            cancellationToken);
        if (sealedFacts is null || !SHA256.HashData(sealedFacts).AsSpan().SequenceEqual(record.FactsSha256))
        {
            throw new EvidenceDamagedException(id, "its facts were changed or are missing");
        }

        var dataKey = await DataKeyAsync(id, SealedPurpose.Facts, cancellationToken);
        try
        {
            return (await SealedFacts.OpenAsync(id, sealedFacts, dataKey, cancellationToken)).Facts;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    /// <summary>Written even when the caller has left. Where the log takes no entry, what happened before stands on it already.</summary>
    private Task<long> RecordEndAsync(EvidenceId id, Actor actor, long opened, string end) => audit.RecordAsync(
        Entry("evidence.closed", id, actor, end) with { ResultOf = opened }, CancellationToken.None);
}
