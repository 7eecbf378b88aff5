using System.Globalization;
using Dapper;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;

namespace Palisade.Audit;

/// <summary>
/// Puts entries back that the store lost when it was set back and that the log's folder still proves. The last resort, when
/// there is no newer backup: everything else of that time stays lost.
/// </summary>
public sealed class LogMending(AuditLog log, AuditSequencer sequencer)
{
    /// <returns>How many entries were put back; null when there is nothing that could be mended so.</returns>
    public async Task<long?> MendAsync(Actor by, CancellationToken cancellationToken)
    {
        if (sequencer.PublicKey is not { } key || !Checkpoint.TryOpen(sequencer.Tiles.ReadCheckpoint(), key, out var published) ||
            await sequencer.CheckAsync(cancellationToken) is not { First: > 0 } fault || fault.Last != published.Size)
        {
            return null;
        }

        var records = Prove(new TiledTree(sequencer.Tiles, published.Size), published, fault.First);
        var isMended = await log.Store.WriteAsync(
            async transaction =>
            {
                var inTheWay = await transaction.Connection!.QuerySingleAsync<long>(
                    "SELECT COUNT(*) FROM audit_entry WHERE seq >= @First AND seq <= @Last", new { fault.First, fault.Last }, transaction);
                if (inTheWay > 0)
                {
                    return false;
                }

                await log.Table.InsertAsync(transaction, records);
                await SigningTable.RestoreAsync(transaction, key.ToString(), sequencer.Tiles.ReadCheckpoint()!);
                await log.AppendAsync(transaction, new AuditEntry
                {
                    Action = "audit.mended",
                    Actor = by,
                    Subject = "audit/log",
                    Reason = string.Create(
                        CultureInfo.InvariantCulture,
                        $"the store was set back; entries {fault.First} to {fault.Last} were put back from the log's folder, other records of that time are lost"),
                });
                return true;
            },
            cancellationToken);
        await sequencer.CheckAsync(cancellationToken);
        return isMended ? records.Count : null;
    }

    /// <exception cref="DamagedAuditException">The folder does not prove an entry.</exception>
    private static List<AuditRecord> Prove(TiledTree tree, Checkpoint published, long first)
    {
        var records = new List<AuditRecord>();
        for (var number = first; number <= published.Size; number++)
        {
            var leaf = tree.Leaf(number - 1);
            if (!ProofCheck.Inclusion(
                TreeHash.OfLeaf(leaf), number - 1, published.Size, tree.ProveInclusion(number - 1), published.Root))
            {
                throw new DamagedAuditException(number, "is damaged in the log's folder too, so it cannot be put back");
            }

            records.Add(AuditRecord.FromLeaf(leaf));
        }

        return records;
    }
}
