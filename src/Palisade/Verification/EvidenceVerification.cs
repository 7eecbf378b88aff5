using System.Buffers;
using System.Security.Cryptography;
using Dapper;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Verification;

/// <summary>
/// Reads every sealed file. While the service is sealed a file is held against the SHA-256 that its record keeps; when it is
/// unsealed it is also opened chunk by chunk, so that every tag is checked. Nothing clear is kept.
/// </summary>
internal sealed class EvidenceVerification(Store store, EvidenceTable table, SealingKeys? keys, EvidenceFolder folder, TimeProvider clock, Tally tally)
{
    private const int Page = 500;
    private const int BlockBytes = 1 << 20;

    /// <summary>What is staged is admitted within half an hour; a file this old that no record names was left by a crash.</summary>
    private static readonly TimeSpan Staging = TimeSpan.FromHours(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var after = "";
        while (true)
        {
            var ids = await store.ReadAsync(
                async connection => (await connection.QueryAsync<string>(
                    "SELECT id FROM evidence WHERE id > @after ORDER BY id LIMIT @Page", new { after, Page })).ToList(),
                cancellationToken);
            if (ids.Count == 0)
            {
                break;
            }

            foreach (var id in ids)
            {
                await CheckAsync(id, cancellationToken);
            }

            after = ids[^1];
        }

        await FindStrayFilesAsync(cancellationToken);
    }

    private async Task CheckAsync(string text, CancellationToken cancellationToken)
    {
        tally.Evidence++;
        if (!EvidenceId.TryParse(text, out var id))
        {
            tally.Damaged("record evidence", "its id is none");
            return;
        }

        EvidenceRecord? record;
        try
        {
            record = await store.ReadAsync(connection => table.FindAsync(connection, id), cancellationToken);
        }
        catch (Exception error) when (error is EvidenceDamagedException or StoreUnusableException or FormatException)
        {
            tally.Damaged($"record evidence {id}", "its seal does not fit its columns");
            return;
        }

        if (record is { State: EvidenceState.Sealed })
        {
            await CheckFactsAndKeysAsync(record, cancellationToken);
            await CheckFileAsync(record, cancellationToken);
        }
    }

    private async Task CheckFactsAndKeysAsync(EvidenceRecord record, CancellationToken cancellationToken)
    {
        var (facts, kept) = await store.ReadAsync(
            async connection => (
                await connection.QuerySingleOrDefaultAsync<byte[]>(
                    "SELECT sealed FROM evidence_facts WHERE evidence_id = @id", new { id = record.Id.ToString() }),
                (await connection.QueryAsync<string>(
                    "SELECT bound FROM wrapped_key WHERE bound IN (@original, @facts)",
                    new
                    {
                        original = EvidenceVault.BoundOf(record.Id, SealedPurpose.Original),
                        facts = EvidenceVault.BoundOf(record.Id, SealedPurpose.Facts),
                    })).ToList()),
            cancellationToken);
        if (facts is null)
        {
            tally.Missing($"facts of evidence {record.Id}", "they were sealed with it and are gone");
        }
        else if (!SHA256.HashData(facts).AsSpan().SequenceEqual(record.FactsSha256))
        {
            tally.Damaged($"facts of evidence {record.Id}", "they are not what was sealed");
        }

        foreach (var purpose in new[] { SealedPurpose.Original, SealedPurpose.Facts })
        {
            if (!kept.Contains(EvidenceVault.BoundOf(record.Id, purpose), StringComparer.Ordinal))
            {
                tally.Missing($"key of evidence {record.Id}", $"nothing opens its {Words.Of(purpose)} any more");
            }
        }
    }

    private async Task CheckFileAsync(EvidenceRecord record, CancellationToken cancellationToken)
    {
        var item = $"evidence {record.Id}";
        try
        {
            await using var file = folder.OpenRead(record.SealedSha256);
            if (!(await DigestAsync(file, cancellationToken)).AsSpan().SequenceEqual(record.SealedSha256))
            {
                tally.Damaged(item, $"its file {EvidenceFolder.NameOf(record.SealedSha256)} is not what was sealed");
            }
            else if (keys is { IsUnsealed: true })
            {
                await OpenAsync(record, file, item, cancellationToken);
            }
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            tally.Missing(item, $"its file {EvidenceFolder.NameOf(record.SealedSha256)} is gone");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            tally.Damaged(item, $"its file {EvidenceFolder.NameOf(record.SealedSha256)} cannot be read");
        }
    }

    private async Task<byte[]> DigestAsync(FileStream file, CancellationToken cancellationToken)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            while (await file.ReadAsync(block, cancellationToken) is > 0 and var length)
            {
                digest.AppendData(block, 0, length);
                tally.Read(length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        return digest.GetHashAndReset();
    }

    private async Task OpenAsync(EvidenceRecord record, FileStream file, string item, CancellationToken cancellationToken)
    {
        file.Position = 0;
        try
        {
            var dataKey = await keys!.FindKeptAsync(EvidenceVault.BoundOf(record.Id, SealedPurpose.Original), cancellationToken);
            if (dataKey is null)
            {
                return;
            }

            using var reader = await SealedReader.OpenAsync(
                file, dataKey, record.Id, SealedPurpose.Original, record.Header, cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                // Its tag was checked; nobody needs the bytes.
            }

            CryptographicOperations.ZeroMemory(dataKey);
        }
        catch (Exception error) when (error is EvidenceDamagedException or StoreUnusableException)
        {
            tally.Damaged(item, "its key or one of its tags does not fit");
        }
    }

    private async Task FindStrayFilesAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder.Path))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFileSystemEntries(folder.Path))
        {
            var name = Path.GetFileName(path);
            var isOurs = EvidenceFolder.TryReadName(name, out var sha256);
            if (isOurs && clock.GetUtcNow() - new DateTimeOffset(File.GetLastWriteTimeUtc(path)) < Staging)
            {
                // Perhaps staged a moment ago.
                continue;
            }

            if (!isOurs)
            {
                tally.Extra($"file {EvidenceVault.FolderName}/{Shown(name)}", "Palisade does not write files of this name");
            }
            else if (sha256 is null)
            {
                tally.Extra($"file {EvidenceVault.FolderName}/{name}", "a write was interrupted; the sweep clears it away");
            }
            else if (await store.ReadAsync(connection => EvidenceTable.StatesOfFileAsync(connection, sha256), cancellationToken) is var states &&
                !states.Contains(EvidenceState.Sealed))
            {
                tally.Extra(
                    $"file {EvidenceVault.FolderName}/{name}",
                    states.Count == 0 ? "no record names it" : "its evidence was destroyed; the sweep clears it away");
            }
        }
    }

    private static string Shown(string name) => string.Concat(name.Take(120).Select(letter => char.IsControl(letter) ? '?' : letter));
}
