using System.Text;
using System.Text.Json;
using Palisade.Audit;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;

namespace Palisade.Evidence.Custody;

/// <summary>One custody event as the log has it, with the proof that the checkpoint covers it.</summary>
/// <param name="Index">Place in the tree, from 0.</param>
/// <param name="Leaf">The entry's nine lines, as the log's tree hashes them.</param>
/// <param name="Proof">Hashes in base 64, from the leaf's neighbour to the root's child (RFC 6962, section 2.1.1).</param>
public sealed record ProvenEvent(long Index, string Leaf, IReadOnlyList<string> Proof);

/// <summary>The log's part in a packet: what happened to a case and its evidence, and what proves it.</summary>
internal static class CustodyEvents
{
    public const string FileName = "log/events.json";

    public const string CheckpointName = "log/checkpoint";

    /// <summary>The log's public key as one verifier key line.</summary>
    public const string KeyName = "log/key.txt";

    /// <summary>The witnesses' public keys, one a line.</summary>
    public const string WitnessName = "log/witnesses.txt";

    /// <summary>Most entries of one object; a case with more than this is not released in one packet.</summary>
    private const int MostEntries = 100_000;

    public static async Task<IReadOnlyList<AuditRecord>> CollectAsync(
        AuditLog log, IEnumerable<string> subjects, long size, CancellationToken cancellationToken)
    {
        var entries = new List<AuditRecord>();
        foreach (var subject in subjects)
        {
            entries.AddRange(await log.ListAsync(new AuditFilter { Subject = subject, Before = size + 1 }, MostEntries, cancellationToken));
        }

        return [.. entries.OrderBy(entry => entry.Number)];
    }

    /// <exception cref="InvalidDataException">The log's tiles do not give the root that was signed.</exception>
    public static IReadOnlyList<ProvenEvent> Prove(IReadOnlyList<AuditRecord> entries, TileFolder tiles, Checkpoint checkpoint)
    {
        var tree = new TiledTree(tiles, checkpoint.Size);
        return
        [
            .. entries.Select(entry =>
            {
                var (index, leaf) = (entry.Number - 1, entry.ToLeaf());
                var proof = tree.ProveInclusion(index);
                return ProofCheck.Inclusion(TreeHash.OfLeaf(leaf), index, checkpoint.Size, proof, checkpoint.Root)
                    ? new ProvenEvent(index, Encoding.UTF8.GetString(leaf), [.. proof.Select(hash => hash.ToString())])
                    : throw new InvalidDataException(
                        $"Entry {entry.Number} of the audit log is not what was signed, so no packet can prove it. Run `palisade verify`.");
            }),
        ];
    }

    public static byte[] ToBytes(IReadOnlyList<ProvenEvent> events) => JsonSerializer.SerializeToUtf8Bytes(events, PacketManifest.Layout);

    public static IReadOnlyList<ProvenEvent> FromBytes(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize<IReadOnlyList<ProvenEvent>>(bytes, PacketManifest.Layout) ?? throw new JsonException();
}
