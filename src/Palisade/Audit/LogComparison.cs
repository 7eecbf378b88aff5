using System.Globalization;
using Dapper;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;
using Palisade.Storage;

namespace Palisade.Audit;

/// <summary>
/// Holds the store against the last checkpoint in the log's folder: a store that was set back to an older state lacks what was
/// signed. Quick; the whole is <see cref="LogVerification"/>'s.
/// </summary>
internal sealed class LogComparison(AuditLog log, TileFolder tiles, NoteKey key)
{
    /// <returns>Null when both are of one history.</returns>
    public async Task<LogFault?> FindFaultAsync(CancellationToken cancellationToken)
    {
        var row = await log.Store.ReadAsync(SigningTable.ReadAsync, cancellationToken);
        if (!TryOpen(row?.Checkpoint, out var stored))
        {
            return new LogFault(
                "The checkpoint in the store was not signed by this log's key. Restore the store, or put back the right audit.key.");
        }

        if (!TryOpen(tiles.ReadCheckpoint(), out var published))
        {
            return new LogFault(
                $"The file {Path.Combine(tiles.Folder, TileFolder.CheckpointName)} is damaged or another log's. Restore the folder " +
                "from a backup. (If store and backups are known to be whole, move the folder away: it is made again from the store.)");
        }

        if (published.Size > stored.Size)
        {
            return await DescribeRollbackAsync(stored.Size, published, cancellationToken);
        }

        if (published.Size == stored.Size && published.Root != stored.Root)
        {
            return new LogFault(
                $"Store and folder hold two histories of the same {stored.Size} entries, both signed. Find out who signed twice; " +
                "until then keep both and restore the right one.");
        }

        return stored.Size == 0 ? null : await CheckLastAsync(stored, cancellationToken);
    }

    /// <summary>The last that was signed must be there, and be what was signed.</summary>
    private async Task<LogFault?> CheckLastAsync(Checkpoint stored, CancellationToken cancellationToken)
    {
        try
        {
            var rows = await log.Store.ReadAsync(
                connection => log.Table.ReadAsync(connection, stored.Size, 1), cancellationToken);
            var leaf = TreeHash.OfLeaf(rows[0].Leaf);
            return TryReadHash(stored.Size - 1, stored.Size) is { } signed && signed != leaf
                ? new LogFault(new DamagedAuditException(stored.Size, "is another than the one that was signed").Message, stored.Size, stored.Size)
                : null;
        }
        catch (DamagedAuditException damage)
        {
            return new LogFault(damage.Message, damage.Number, damage.Number);
        }
    }

    /// <summary>Names what the store lacks, and keeps its numbers from being given again.</summary>
    private async Task<LogFault> DescribeRollbackAsync(long storedSize, Checkpoint published, CancellationToken cancellationToken)
    {
        await ReserveNumbersAsync(published.Size, cancellationToken);
        var first = await FindFirstMissingAsync(storedSize, published.Size, cancellationToken);
        var times = TimeOf(first, published.Size) is { } from && TimeOf(published.Size, published.Size) is { } to
            ? string.Create(CultureInfo.InvariantCulture, $", recorded from {from:yyyy-MM-dd HH:mm:ss} to {to:yyyy-MM-dd HH:mm:ss} UTC,")
            : "";
        var which = first == published.Size ? $"Entry {first}" : $"Entries {first} to {published.Size}";
        return new LogFault(
            $"The store was set back to an older state. {which} of the audit log{times} were signed and are not in it, nor is " +
            "anything else of that time. Stop Palisade and restore the newest backup. If there is none, `palisade audit mend` puts the " +
            "entries back from the log's folder, and everything else of that time stays lost.",
            first,
            published.Size);
    }

    private Task<int> ReserveNumbersAsync(long size, CancellationToken cancellationToken) => log.Store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO sequence (name, value) VALUES (@name, @size)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE sequence.value < excluded.value
            """,
            new { name = AuditLog.Name, size },
            transaction),
        cancellationToken);

    private async Task<long> FindFirstMissingAsync(long after, long size, CancellationToken cancellationToken)
    {
        for (var number = after + 1; number <= size; number++)
        {
            var rows = await log.Store.ReadAsync(
                connection => log.Table.ReadWhatIsThereAsync(connection, number, 1), cancellationToken);
            if (rows is not [{ Leaf: { } leaf }] || (TryReadHash(number - 1, size) is { } signed && signed != TreeHash.OfLeaf(leaf)))
            {
                return number;
            }
        }

        return size;
    }

    private DateTimeOffset? TimeOf(long number, long size)
    {
        try
        {
            return AuditRecord.FromLeaf(new TiledTree(tiles, size).Leaf(number - 1)).At;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Null where the folder lacks the tile; it is made again before anything is signed.</summary>
    private TreeHash? TryReadHash(long index, long size)
    {
        try
        {
            return new TiledTree(tiles, size).LeafHash(index);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            return null;
        }
    }

    private bool TryOpen(string? note, out Checkpoint checkpoint)
    {
        checkpoint = new Checkpoint(key.Name, 0, TreeHash.Empty);
        if (string.IsNullOrEmpty(note))
        {
            return true;
        }

        var isOurs = Checkpoint.TryOpen(note, key, out var opened);
        checkpoint = opened ?? checkpoint;
        return isOurs;
    }
}
