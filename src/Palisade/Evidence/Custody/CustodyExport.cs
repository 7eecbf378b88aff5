using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Audit.Notes;
using Palisade.Keys;
using Palisade.Review;
using Palisade.Storage;

namespace Palisade.Evidence.Custody;

/// <summary>What came of the wish to release a case.</summary>
public abstract record ReleaseOutcome
{
    private ReleaseOutcome()
    {
    }

    /// <summary>Another person must say yes first.</summary>
    /// <param name="Approval">Number of the request.</param>
    public sealed record NeedsApproval(long Approval, byte[] Digest) : ReleaseOutcome;

    public sealed record Refused(string Reason) : ReleaseOutcome;

    /// <param name="LogEntry">The announcement, which the packet proves.</param>
    public sealed record Released(string Path, long LogEntry, PacketManifest Manifest) : ReleaseOutcome;
}

/// <summary>
/// Releases a case as one archive that verifies without us: two people, an audit entry before the first byte leaves and one
/// after the last.
/// </summary>
public sealed class CustodyExport(
    Store store, AuditLog log, AuditSequencer sequencer, AuditOptions auditOptions, ApprovalBook approvals, SealingKeys keys,
    EvidenceVault vault, CaseBook cases, TimeProvider clock)
{
    private static readonly JsonSerializerOptions FactsLayout = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>What would be released now.</summary>
    /// <returns>The statement, or why there is nothing to release.</returns>
    public async Task<(ReleaseStatement? Statement, string? Refusal)> DescribeAsync(
        CaseId id, Recipient recipient, CancellationToken cancellationToken)
    {
        if (await cases.FindAsync(id, cancellationToken) is null)
        {
            return (null, $"There is no case {id}. `palisade case list` shows those there are.");
        }

        var evidence = (await vault.ListAsync(id.ToString(), cancellationToken)).Where(piece => piece.State == EvidenceState.Sealed).ToList();
        return evidence.Count == 0
            ? (null, "The case has no sealed evidence, so there is nothing to release.")
            : recipient is Recipient.Certificate && !keys.IsUnsealed
                ? (null, "The service is sealed, so originals cannot be encrypted to a recipient. Unseal for this command, or release with --sealed.")
                : (new ReleaseStatement(id, recipient, evidence), null);
    }

    /// <summary>Asks for a second person.</summary>
    public async Task<ReleaseOutcome> RequestAsync(ReleaseStatement statement, Actor actor, string reason, CancellationToken cancellationToken) =>
        new ReleaseOutcome.NeedsApproval(
            await approvals.RequestAsync(
                TwoPersonOperation.ReleaseEvidence, Subject(statement.Case), statement.Digest(), actor, reason, cancellationToken),
            statement.Digest());

    /// <summary>Uses the approval up and writes the packet.</summary>
    /// <param name="path">A file that must not exist yet.</param>
    /// <exception cref="AuditUnavailableException">The log took no entry, or could not be signed; nothing has left.</exception>
    /// <exception cref="IOException">The file could not be written; the log says that the release was begun and failed.</exception>
    public async Task<ReleaseOutcome> ReleaseAsync(
        ReleaseStatement statement, long approval, string path, Actor actor, string reason, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
        {
            return new ReleaseOutcome.Refused($"{path} exists, and a packet never overwrites one. Name another file.");
        }

        var (announced, refusal) = await AnnounceAsync(statement, approval, actor, reason, cancellationToken);
        if (refusal is not null)
        {
            return new ReleaseOutcome.Refused(refusal);
        }

        PacketManifest? manifest = null;
        try
        {
            var (checkpoint, note) = await SignedCheckpointAsync(announced, cancellationToken);
            manifest = await WriteAsync(statement, approval, path, announced, checkpoint, note, actor, reason, cancellationToken);
            return new ReleaseOutcome.Released(path, announced, manifest);
        }
        finally
        {
            await log.RecordAsync(
                new AuditEntry
                {
                    Action = manifest is null ? "evidence.release-failed" : "evidence.released",
                    Actor = actor,
                    Subject = Subject(statement.Case),
                    Digest = manifest is null ? null : SHA256.HashData(manifest.ToBytes()),
                    ResultOf = announced,
                },
                CancellationToken.None);
        }
    }

    private static string Subject(CaseId id) => $"case/{id}";

    private Task<(long Entry, string? Refusal)> AnnounceAsync(
        ReleaseStatement statement, long approval, Actor actor, string reason, CancellationToken cancellationToken) => store.WriteAsync(
            async transaction =>
            {
                var refusal = await approvals.SpendAsync(
                    transaction, approval, TwoPersonOperation.ReleaseEvidence, Subject(statement.Case), statement.Digest(), actor);
                return refusal is not null
                    ? (0L, refusal)
                    : (await log.AppendAsync(
                        transaction,
                        new AuditEntry
                        {
                            Action = "evidence.release-begun",
                            Actor = actor,
                            Subject = Subject(statement.Case),
                            Reason = reason,
                            Digest = statement.Digest(),
                        }), (string?)null);
            },
            cancellationToken);

    /// <summary>A checkpoint that covers the announcement: signed here, or by whoever signs this log.</summary>
    private async Task<(Checkpoint Checkpoint, string Note)> SignedCheckpointAsync(long entry, CancellationToken cancellationToken)
    {
        if (await sequencer.CoverAsync(entry, cancellationToken) is SigningOutcome.Refused refused)
        {
            throw new AuditUnavailableException(refused.Fault.Explanation);
        }

        return await sequencer.LastAsync(cancellationToken) is { } last && last.Checkpoint.Size >= entry
            ? last
            : throw new AuditUnavailableException(
                "The audit log was not signed in time, so nothing was released. Look at the service that signs it, then ask again.");
    }

    private async Task<PacketManifest> WriteAsync(
        ReleaseStatement statement, long approval, string path, long announced, Checkpoint checkpoint, string note, Actor actor,
        string reason, CancellationToken cancellationToken)
    {
        var partial = path + ".partial";
        try
        {
            PacketManifest manifest;
            await using (var file = Create(partial))
            {
                manifest = await WriteAsync(statement, approval, file, announced, checkpoint, note, actor, reason, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: false);
            StorageFolder.Synchronise(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return manifest;
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    private async Task<PacketManifest> WriteAsync(
        ReleaseStatement statement, long approval, FileStream file, long announced, Checkpoint checkpoint, string note, Actor actor,
        string reason, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        using var packet = new PacketFile(file, now);
        var certificate = (statement.Recipient as Recipient.Certificate)?.Loaded;
        foreach (var piece in statement.Evidence)
        {
            if (certificate is null)
            {
                await packet.AddAsync($"evidence/{piece.Id}.sealed", stream => CopySealedAsync(piece, stream, cancellationToken));
                await packet.AddAsync($"facts/{piece.Id}.sealed", await vault.SealedFactsAsync(piece.Id, cancellationToken));
            }
            else
            {
                await packet.AddAsync($"evidence/{piece.Id}.cms", async stream =>
                {
                    await using var envelope = new CmsEnvelope(stream, certificate, piece.SizeBytes);
                    await vault.OpenAsync(piece.Id, envelope, actor, reason, cancellationToken);
                    envelope.Complete();
                });
                var facts = await vault.FactsAsync(piece.Id, actor, reason, cancellationToken);
                await AddEncryptedAsync(packet, $"facts/{piece.Id}.cms", facts, certificate);
            }
        }

        if (certificate is not null && await cases.ViewAsync(statement.Case, actor, cancellationToken) is { } detail)
        {
            await AddEncryptedAsync(packet, "facts/case.cms", detail, certificate);
        }

        await packet.AddAsync(ReleaseStatement.FileName, statement.ToBytes());
        var subjects = statement.Evidence.Select(piece => $"evidence/{piece.Id}")
            .Append(Subject(statement.Case))
            .Append(string.Create(CultureInfo.InvariantCulture, $"approval/{approval}"));
        var entries = await CustodyEvents.CollectAsync(log, subjects, checkpoint.Size, cancellationToken);
        await packet.AddAsync(CustodyEvents.FileName, CustodyEvents.ToBytes(CustodyEvents.Prove(entries, sequencer.Tiles, checkpoint)));
        await packet.AddAsync(CustodyEvents.CheckpointName, System.Text.Encoding.UTF8.GetBytes(note));
        await packet.AddAsync(CustodyEvents.KeyName, System.Text.Encoding.UTF8.GetBytes(sequencer.PublicKey + "\n"));
        var witnesses = string.Concat(auditOptions.Witnesses.Select(witness => witness.Key.Trim() + "\n"));
        await packet.AddAsync(CustodyEvents.WitnessName, System.Text.Encoding.UTF8.GetBytes(witnesses));
        await packet.AddAsync("verify.py", VerifierScript());

        var manifest = new PacketManifest
        {
            Format = PacketManifest.CurrentFormat,
            Case = statement.Case.ToString(),
            CreatedAt = now,
            To = statement.Recipient.Words,
            LogEntry = announced,
            SoleOperator = approvals.IsSingleOperator,
            Files = [],
        };
        await packet.AddAsync(PacketSummary.FileName, PacketSummary.Write(manifest, statement, entries, checkpoint));
        manifest = manifest with { Files = [.. packet.Files] };
        await packet.AddAsync(PacketManifest.FileName, manifest.ToBytes());
        return manifest;
    }

    private async Task CopySealedAsync(EvidenceRecord piece, Stream destination, CancellationToken cancellationToken)
    {
        await using var file = vault.Files.OpenRead(piece.SealedSha256);
        await file.CopyToAsync(destination, 1 << 20, cancellationToken);
    }

    private static Task AddEncryptedAsync<T>(
        PacketFile packet, string path, T facts, System.Security.Cryptography.X509Certificates.X509Certificate2 certificate)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(facts, FactsLayout);
        return packet.AddAsync(path, stream =>
        {
            using var envelope = new CmsEnvelope(stream, certificate, json.Length);
            envelope.Write(json);
            envelope.Complete();
            CryptographicOperations.ZeroMemory(json);
            return Task.CompletedTask;
        });
    }

    private static byte[] VerifierScript()
    {
        using var script = typeof(CustodyExport).Assembly.GetManifestResourceStream("verify-packet.py")!;
        using var bytes = new MemoryStream();
        script.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>A file that only its owner may read.</summary>
    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
