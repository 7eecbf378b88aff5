using System.Data.Common;
using System.Text;
using Palisade.Audit;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Verification;

/// <summary>
/// The audit log in all its places: rows, bundles and tiles against the tree, the tree against the last checkpoint, the
/// checkpoint against the log's key, and the folder for files that nobody wrote.
/// </summary>
internal sealed class AuditVerification(AuditLog log, BankKey bankKey, string dataFolder, Tally tally)
{
    private readonly TileFolder _tiles = new(Path.Combine(Path.GetFullPath(dataFolder), AuditSequencer.FolderName));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var row = await log.Store.ReadAsync(SigningTable.ReadAsync, cancellationToken);
        var last = await log.LastNumberAsync(cancellationToken);
        var signed = await CheckSignedAsync(row, last, cancellationToken);
        await CheckRowsAsync(signed, last, cancellationToken);
        CheckFiles(signed);
    }

    /// <returns>How many entries a checkpoint covers that could be checked.</returns>
    private async Task<long> CheckSignedAsync(SigningRow? row, long last, CancellationToken cancellationToken)
    {
        if (row is null || !NoteKey.TryParse(row.LogKey, out var key))
        {
            if (row is not null)
            {
                tally.Damaged("log key", "the store's copy of the log's public key is damaged");
            }
            else if (last > 0)
            {
                tally.NotExamined.Add("The log has entries and was never signed; it is signed within a minute of `palisade serve`.");
            }

            return 0;
        }

        CheckKeyFiles(key);
        var note = ReadNote();
        Checkpoint? stored = null, published = null;
        if (row.Checkpoint.Length > 0 && !Checkpoint.TryOpen(row.Checkpoint, key, out stored))
        {
            tally.Damaged("checkpoint in the store", "the log's key did not sign it");
        }

        if (note is null && stored is not null)
        {
            tally.Missing("checkpoint in the log's folder", "it was signed and is gone");
        }
        else if (note is not null && !Checkpoint.TryOpen(note, key, out published))
        {
            tally.Damaged("checkpoint in the log's folder", "the log's key did not sign it");
        }

        if (stored is not null && published is not null)
        {
            if (published.Size > stored.Size)
            {
                tally.Missing(
                    $"log entries {Tally.Number(stored.Size + 1)} to {Tally.Number(published.Size)}",
                    "they were signed, and the store was set back to before them");
            }
            else if (published.Size == stored.Size && (published.Root != stored.Root || !IsPartOf(note!, row.Checkpoint)))
            {
                tally.Damaged("checkpoint in the log's folder", "it is another than the one in the store");
            }
        }

        if (stored is not null && published is not null && published.Size < stored.Size)
        {
            await CheckRootOfRowsAsync(stored, last, cancellationToken);
        }

        // The tiles are those of the checkpoint that lies beside them. It is behind the store's after a crash, and in a backup.
        if ((published ?? stored) is not { } checkpoint)
        {
            return 0;
        }

        if (checkpoint.Size > last)
        {
            tally.Missing($"log entries {Tally.Number(last + 1)} to {Tally.Number(checkpoint.Size)}", "they were signed and are not in the store");
        }

        var progress = new EntryProgress(tally);
        await foreach (var damage in new LogVerification(log, _tiles).FindDamageAsync(
            from: 0, checkpoint.Size, checkpoint.Root, progress, cancellationToken))
        {
            var item = damage.Number > 0 ? $"log entry {Tally.Number(damage.Number)}" : "log";
            if (damage.IsMissing)
            {
                tally.Missing(item, damage.What.TrimEnd('.'));
            }
            else
            {
                tally.Damaged(item, damage.What.TrimEnd('.'));
            }
        }

        return checkpoint.Size;
    }

    /// <summary>A crash may leave the file without a cosignature that the store has already; another line than the store's is damage.</summary>
    private static bool IsPartOf(string note, string stored) =>
        SignedNote.TryParse(note, out var one) && SignedNote.TryParse(stored, out var other) && one.Text == other.Text &&
        one.SignatureLines.All(line => other.SignatureLines.Contains(line, StringComparer.Ordinal));

    /// <summary>What the store says was signed, computed from its rows alone: their tiles are made anew from them.</summary>
    private async Task CheckRootOfRowsAsync(Checkpoint stored, long last, CancellationToken cancellationToken)
    {
        var edge = new TreeEdge();
        for (var number = 1L; number <= stored.Size; number += TilePath.FullWidth)
        {
            var count = (int)Math.Min(TilePath.FullWidth, stored.Size - number + 1);
            var rows = await log.Store.ReadAsync(
                connection => log.Table.ReadWhatIsThereAsync(connection, number, count), cancellationToken);
            foreach (var (_, leaf) in rows)
            {
                edge.Add(TreeHash.OfLeaf(leaf ?? []), (_, _, _) => { });
            }
        }

        if (edge.Size != stored.Size || edge.Root != stored.Root)
        {
            tally.Damaged("log", $"its rows give another root for {Tally.Number(Math.Min(stored.Size, last))} entries than the one that was signed");
        }
    }

    /// <summary>Entries that no checkpoint covers yet have their keyed checksums alone.</summary>
    private async Task CheckRowsAsync(long signed, long last, CancellationToken cancellationToken)
    {
        for (var number = signed + 1; number <= last; number += TilePath.FullWidth)
        {
            var count = (int)Math.Min(TilePath.FullWidth, last - number + 1);
            var rows = (await log.Store.ReadAsync(
                connection => log.Table.ReadWhatIsThereAsync(connection, number, count), cancellationToken))
                .ToDictionary(row => row.Number, row => row.Leaf is not null);
            for (var at = number; at < number + count; at++)
            {
                tally.LogEntries++;
                if (!rows.TryGetValue(at, out var isWhole))
                {
                    tally.Missing($"log entry {Tally.Number(at)}", "it is missing from the store");
                }
                else if (!isWhole)
                {
                    tally.Damaged($"log entry {Tally.Number(at)}", "it was changed in the store");
                }
            }
        }
    }

    private void CheckKeyFiles(NoteKey key)
    {
        var publicFile = Path.Combine(dataFolder, LogKey.PublicFileName);
        if (!File.Exists(publicFile))
        {
            tally.Missing($"file {LogKey.PublicFileName}", "the log's public key is not beside the store; the next start writes it again");
        }
        else if (File.ReadAllText(publicFile) != key + "\n")
        {
            tally.Damaged($"file {LogKey.PublicFileName}", "it is not the public key of this log; the next start writes it again");
        }

        if (!File.Exists(Path.Combine(dataFolder, LogKey.FileName)))
        {
            tally.Missing($"file {LogKey.FileName}", "nothing can sign this log; put it back from where it is kept");
            return;
        }

        try
        {
            using var signer = LogKey.OpenExisting(dataFolder, bankKey);
            if (signer.Public.ToString() != key.ToString())
            {
                tally.Damaged($"file {LogKey.FileName}", "it is another log's key");
            }
        }
        catch (Exception error) when (error is StoreUnusableException or IOException or UnauthorizedAccessException)
        {
            tally.Damaged($"file {LogKey.FileName}", "it is damaged, or belongs to another bank key");
        }
    }

    private string? ReadNote()
    {
        var path = Path.Combine(_tiles.Folder, TileFolder.CheckpointName);
        return File.Exists(path) ? Encoding.UTF8.GetString(File.ReadAllBytes(path)) : null;
    }

    /// <summary>
    /// Every tile must be the beginning of what the tree's own computing reads, whatever its width, and nothing else may lie
    /// in the folder.
    /// </summary>
    private void CheckFiles(long size)
    {
        if (!Directory.Exists(_tiles.Folder))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFiles(_tiles.Folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(_tiles.Folder, path).Replace('\\', '/');
            tally.Read(new FileInfo(path).Length);
            if (name == TileFolder.CheckpointName || name.EndsWith(".new", StringComparison.Ordinal))
            {
                continue;
            }

            if (!TilePath.TryParse(name, out var tile))
            {
                tally.Extra($"file {AuditSequencer.FolderName}/{name}", "Palisade does not write files of this name");
            }
            else
            {
                CheckTile(path, name, tile, size);
            }
        }
    }

    private void CheckTile(string path, string name, TilePath tile, long size)
    {
        var level = tile.Level ?? 0;
        var first = tile.Index * TilePath.FullWidth;
        var known = (size >> (level * TilePath.Height)) - first;
        if (known <= 0)
        {
            // Written ahead of the checkpoint that will cover it; the next signing compares it.
            return;
        }

        try
        {
            var bytes = File.ReadAllBytes(path);

            // From the widest there is, which the tree was computed from; an older and narrower one must be its beginning.
            var (widest, width) = ((int)Math.Min(TilePath.FullWidth, known), (int)Math.Min(tile.Width, known));
            var right = tile.Level is null
                ? BundleBytes(_tiles.ReadEntries(tile.Index, widest).Take(width))
                : HashBytes(_tiles.ReadHashes(level, tile.Index, widest).Take(width));
            var isWhole = tile.Width > known ? bytes.AsSpan().StartsWith(right) : bytes.AsSpan().SequenceEqual(right);
            if (!isWhole)
            {
                tally.Damaged($"file {AuditSequencer.FolderName}/{name}", "it is not what the tree has there");
            }
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            tally.Damaged($"file {AuditSequencer.FolderName}/{name}", "it cannot be read as a tile");
        }
    }

    private static byte[] HashBytes(IEnumerable<TreeHash> hashes) => [.. hashes.SelectMany(hash => hash.ToBytes())];

    private static byte[] BundleBytes(IEnumerable<byte[]> leaves) =>
        [.. leaves.SelectMany(leaf => (byte[])[(byte)(leaf.Length >> 8), (byte)leaf.Length, .. leaf])];

    /// <summary>Counts on the verifying thread, so that no count comes late.</summary>
    private sealed class EntryProgress(Tally tally) : IProgress<long>
    {
        public void Report(long value) => tally.LogEntries = value;
    }
}
