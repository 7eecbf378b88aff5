using System.Numerics;

namespace Palisade.Audit.Tree;

/// <summary>
/// Checks proofs without a tree, step by step as RFC 9162 (sections 2.1.3.2 and 2.1.4.2) lays it out; its trees are those of
/// RFC 6962.
/// </summary>
public static class ProofCheck
{
    /// <summary>Whether the proof shows that a leaf with this hash stands at this index of the tree with this root.</summary>
    public static bool Inclusion(in TreeHash leaf, long index, long size, IReadOnlyList<TreeHash> proof, in TreeHash root)
    {
        if (index < 0 || index >= size)
        {
            return false;
        }

        var (node, last, hash) = (index, size - 1, leaf);
        foreach (var sibling in proof)
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                hash = TreeHash.OfNode(sibling, hash);
                var up = (node & 1) == 1 ? 0 : BitOperations.TrailingZeroCount(node);
                (node, last) = (node >> up, last >> up);
            }
            else
            {
                hash = TreeHash.OfNode(hash, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && hash == root;
    }

    /// <summary>Whether the proof shows that the old tree is the beginning of the new one.</summary>
    public static bool Consistency(
        long oldSize, long newSize, IReadOnlyList<TreeHash> proof, in TreeHash oldRoot, in TreeHash newRoot)
    {
        if (oldSize < 0 || oldSize > newSize)
        {
            return false;
        }

        if (oldSize == newSize)
        {
            return proof.Count == 0 && oldRoot == newRoot;
        }

        // Every tree begins with the empty one, so there is nothing to show.
        if (oldSize == 0)
        {
            return proof.Count == 0 && oldRoot == TreeHash.Empty;
        }

        if (proof.Count == 0)
        {
            return false;
        }

        var steps = BitOperations.IsPow2(oldSize) ? proof.Prepend(oldRoot) : proof;
        var up = BitOperations.TrailingZeroCount(oldSize);
        var (node, last) = ((oldSize - 1) >> up, (newSize - 1) >> up);
        var (oldHash, newHash) = (steps.First(), steps.First());
        foreach (var step in steps.Skip(1))
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                (oldHash, newHash) = (TreeHash.OfNode(step, oldHash), TreeHash.OfNode(step, newHash));
                while ((node & 1) == 0 && node != 0)
                {
                    (node, last) = (node >> 1, last >> 1);
                }
            }
            else
            {
                newHash = TreeHash.OfNode(newHash, step);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && oldHash == oldRoot && newHash == newRoot;
    }
}
