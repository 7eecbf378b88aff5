using System.Numerics;

namespace Palisade.Audit.Tree;

/// <summary>
/// Hash of the complete subtree that stands over the leaves from index × 2^level on, 2^level of them.
/// </summary>
public delegate TreeHash NodeSource(int level, long index);

/// <summary>Roots and proofs of the Merkle tree of RFC 6962, section 2.1, made from hashes of complete subtrees.</summary>
public static class MerkleTree
{
    public static TreeHash Root(long size, NodeSource nodes) => size == 0 ? TreeHash.Empty : RangeHash(0, size, nodes);

    /// <summary>The hashes beside the way from a leaf up to the root, lowest first (section 2.1.1).</summary>
    public static IReadOnlyList<TreeHash> ProveInclusion(long index, long size, NodeSource nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var proof = new List<TreeHash>();
        AddInclusion(proof, index, 0, size, nodes);
        return proof;
    }

    /// <summary>The hashes that show a tree to be the beginning of a larger one (section 2.1.2).</summary>
    public static IReadOnlyList<TreeHash> ProveConsistency(long oldSize, long newSize, NodeSource nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        var proof = new List<TreeHash>();
        if (oldSize > 0)
        {
            AddConsistency(proof, oldSize, 0, newSize, isWhole: true, nodes);
        }

        return proof;
    }

    /// <summary>Root of a power of two of neighbouring hashes.</summary>
    internal static TreeHash PerfectRoot(ReadOnlySpan<TreeHash> hashes) => hashes.Length == 1
        ? hashes[0]
        : TreeHash.OfNode(PerfectRoot(hashes[..(hashes.Length / 2)]), PerfectRoot(hashes[(hashes.Length / 2)..]));

    private static TreeHash RangeHash(long start, long count, NodeSource nodes)
    {
        if (BitOperations.IsPow2(count))
        {
            var level = BitOperations.Log2((ulong)count);
            return nodes(level, start >> level);
        }

        var left = LargestPowerBelow(count);
        return TreeHash.OfNode(RangeHash(start, left, nodes), RangeHash(start + left, count - left, nodes));
    }

    private static void AddInclusion(List<TreeHash> proof, long index, long start, long count, NodeSource nodes)
    {
        if (count == 1)
        {
            return;
        }

        var left = LargestPowerBelow(count);
        if (index < left)
        {
            AddInclusion(proof, index, start, left, nodes);
            proof.Add(RangeHash(start + left, count - left, nodes));
        }
        else
        {
            AddInclusion(proof, index - left, start + left, count - left, nodes);
            proof.Add(RangeHash(start, left, nodes));
        }
    }

    /// <param name="isWhole">The old tree still is the subtree looked at, whose hash the verifier knows.</param>
    private static void AddConsistency(
        List<TreeHash> proof, long oldCount, long start, long count, bool isWhole, NodeSource nodes)
    {
        if (oldCount == count)
        {
            if (!isWhole)
            {
                proof.Add(RangeHash(start, count, nodes));
            }

            return;
        }

        var left = LargestPowerBelow(count);
        if (oldCount <= left)
        {
            AddConsistency(proof, oldCount, start, left, isWhole, nodes);
            proof.Add(RangeHash(start + left, count - left, nodes));
        }
        else
        {
            AddConsistency(proof, oldCount - left, start + left, count - left, isWhole: false, nodes);
            proof.Add(RangeHash(start, left, nodes));
        }
    }

    private static long LargestPowerBelow(long count) => 1L << BitOperations.Log2((ulong)(count - 1));
}
