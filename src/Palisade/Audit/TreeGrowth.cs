using Microsoft.Extensions.Logging;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;

namespace Palisade.Audit;

/// <summary>Makes tiles and bundles of the rows, and looks at what the disk returns of them before anything is signed.</summary>
internal sealed class TreeGrowth(AuditLog log, TileFolder tiles, ILogger logger)
{
    private const int RowsAtOnce = 16 * TilePath.FullWidth;

    /// <summary>
    /// The edge of what was signed, from the tiles. Where the folder is older or empty (another node's, or one restored) the
    /// tiles are made again from the rows, and only taken if they give the signed root.
    /// </summary>
    public async Task<TreeEdge> LoadEdgeAsync(Checkpoint signed, CancellationToken cancellationToken)
    {
        try
        {
            var edge = TreeEdge.Read(tiles, signed.Size);
            if (edge.Root == signed.Root)
            {
                return edge;
            }

            logger.LogWarning("The audit log's tiles do not give the signed root; they are made again from the store");
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            logger.LogInformation("The audit log's folder lacks tiles of what was signed; they are made again from the store");
        }

        var made = new TreeEdge();
        await GrowAsync(made, signed.Size, cancellationToken);
        return made.Root == signed.Root
            ? made
            : throw new DamagedAuditException(1, $"or one after it up to entry {signed.Size} is not what was signed");
    }

    /// <summary>Adds the rows up to a size, and writes their tiles and bundles.</summary>
    public async Task GrowAsync(TreeEdge edge, long size, CancellationToken cancellationToken)
    {
        // The bundle that is not full is written anew, so its rows are read anew, and must still be those that are in the tree.
        var known = edge.Tail.ToArray();
        var bundleStart = edge.Size - known.Length;
        for (var first = bundleStart; first < size; first += RowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = await log.Store.ReadAsync(
                connection => log.Table.ReadAsync(connection, first + 1, (int)Math.Min(RowsAtOnce, size - first)), cancellationToken);
            for (var i = 0; i < rows.Count; i++)
            {
                var hash = TreeHash.OfLeaf(rows[i].Leaf);
                if (first + i - bundleStart >= known.Length)
                {
                    edge.Add(hash, tiles.WriteHashes);
                }
                else if (hash != known[i])
                {
                    throw new DamagedAuditException(first + i + 1, "is another than the one that was signed");
                }
            }

            foreach (var (at, bundle) in rows.Chunk(TilePath.FullWidth).Index())
            {
                tiles.WriteEntries((first / TilePath.FullWidth) + at, [.. bundle.Select(row => row.Leaf)]);
            }
        }

        edge.ForEachPartial(tiles.WriteHashes);
        tiles.Synchronise();
    }

    /// <summary>Recomputes what was added from rows and files read back, and sees that the old tree is its beginning.</summary>
    public async Task CheckWhatTheDiskReturnsAsync(Checkpoint signed, TreeEdge grown, CancellationToken cancellationToken)
    {
        await foreach (var damage in new LogVerification(log, tiles).FindDamageAsync(
            signed.Size, grown.Size, grown.Root, checkedEntries: null, cancellationToken))
        {
            throw new DamagedAuditException(damage.Number, damage.What.TrimEnd('.'));
        }

        var tree = new TiledTree(tiles, grown.Size);
        if (!ProofCheck.Consistency(signed.Size, grown.Size, tree.ProveConsistency(signed.Size), signed.Root, grown.Root))
        {
            throw new DamagedAuditException(signed.Size, "and those before it are no longer the beginning of the log");
        }
    }

    /// <summary>Removes the partial tiles that full ones have taken the place of.</summary>
    public void DropPartialTiles(long from, long to)
    {
        for (var bundle = from / TilePath.FullWidth; bundle < to / TilePath.FullWidth; bundle++)
        {
            tiles.DropPartial(null, bundle);
            var index = bundle;
            for (var level = 0; ; level++)
            {
                tiles.DropPartial(level, index);
                if (index % TilePath.FullWidth != TilePath.FullWidth - 1)
                {
                    break;
                }

                index /= TilePath.FullWidth;
            }
        }
    }
}
