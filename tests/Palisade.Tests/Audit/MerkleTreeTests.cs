using Palisade.Audit.Tree;

namespace Palisade.Tests.Audit;

public sealed class MerkleTreeTests
{
    private const int LargestSize = 256;

    /// <summary>Leaves and roots of the reference tree of RFC 6962's authors (certificate-transparency, merkletree tests).</summary>
    private static readonly (string Leaf, string Root)[] Published =
    [
        ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
        ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
        ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
        ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
        ("606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ];

    private static readonly TreeHash[] Leaves = [.. Enumerable.Range(0, LargestSize).Select(i => TreeHash.OfLeaf([(byte)i, 7]))];

    [Fact]
    public void Roots_are_the_published_ones()
    {
        var leaves = Published.Select(pair => TreeHash.OfLeaf(Convert.FromHexString(pair.Leaf))).ToArray();

        for (var size = 1; size <= leaves.Length; size++)
        {
            Assert.Equal(Published[size - 1].Root, Convert.ToHexStringLower(MerkleTree.Root(size, NodesOf(leaves)).ToBytes()));
        }

        Assert.Equal(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            Convert.ToHexStringLower(MerkleTree.Root(0, NodesOf(leaves)).ToBytes()));
    }

    [Fact]
    public void Every_proof_of_every_tree_up_to_256_leaves_verifies_and_no_changed_one_does()
    {
        var nodes = NodesOf(Leaves);
        var roots = Enumerable.Range(0, LargestSize + 1).Select(size => MerkleTree.Root(size, nodes)).ToArray();
        var (good, bad) = (0, 0);
        for (var size = 1; size <= LargestSize; size++)
        {
            for (var index = 0; index < size; index++)
            {
                var proof = MerkleTree.ProveInclusion(index, size, nodes);
                Assert.True(ProofCheck.Inclusion(Leaves[index], index, size, proof, roots[size]));
                good++;

                // One bit in each hash, another bit each time, so that over all proofs every bit is tried many times.
                foreach (var changed in Changed(proof, good))
                {
                    Assert.False(ProofCheck.Inclusion(Leaves[index], index, size, changed, roots[size]));
                    bad++;
                }

                Assert.False(ProofCheck.Inclusion(Leaves[(index + 1) % LargestSize], index, size, proof, roots[size]));
                Assert.False(ProofCheck.Inclusion(Flipped(Leaves[index], good), index, size, proof, roots[size]));
                Assert.False(ProofCheck.Inclusion(Leaves[index], index, size, proof, Flipped(roots[size], good)));
                Assert.False(ProofCheck.Inclusion(Leaves[index], index, size + 1, proof, roots[Math.Min(size + 1, LargestSize)]) && size < LargestSize);
                Assert.False(ProofCheck.Inclusion(Leaves[index], index, size - 1, proof, roots[size - 1]));
                Assert.False(index > 0 && ProofCheck.Inclusion(Leaves[index], index - 1, size, proof, roots[size]));
                Assert.False(ProofCheck.Inclusion(Leaves[index], index + 1, size, proof, roots[size]));
                bad += 7;
            }

            for (var oldSize = 1; oldSize <= size; oldSize++)
            {
                var proof = MerkleTree.ProveConsistency(oldSize, size, nodes);
                Assert.True(ProofCheck.Consistency(oldSize, size, proof, roots[oldSize], roots[size]));
                good++;
                foreach (var changed in Changed(proof, good))
                {
                    Assert.False(ProofCheck.Consistency(oldSize, size, changed, roots[oldSize], roots[size]));
                    bad++;
                }

                Assert.False(ProofCheck.Consistency(oldSize, size, proof, Flipped(roots[oldSize], good), roots[size]));
                Assert.False(ProofCheck.Consistency(oldSize, size, proof, roots[oldSize], Flipped(roots[size], good)));
                Assert.False(ProofCheck.Consistency(oldSize - 1, size, proof, roots[oldSize - 1], roots[size]));
                Assert.False(size < LargestSize && ProofCheck.Consistency(oldSize, size + 1, proof, roots[oldSize], roots[size + 1]));
                bad += 4;
            }
        }

        Assert.Equal(2 * (LargestSize * (LargestSize + 1) / 2), good);
        Assert.True(bad > 900_000, $"{bad}");
    }

    [Fact]
    public void Every_single_bit_of_a_proof_counts()
    {
        var nodes = NodesOf(Leaves);
        foreach (var size in (int[])[2, 3, 7, 8, 100])
        {
            var root = MerkleTree.Root(size, nodes);
            for (var index = 0; index < size; index++)
            {
                var proof = MerkleTree.ProveInclusion(index, size, nodes);
                for (var bit = 0; bit < proof.Count * 256; bit++)
                {
                    var changed = proof.ToArray();
                    changed[bit / 256] = Flipped(changed[bit / 256], bit % 256);
                    Assert.False(ProofCheck.Inclusion(Leaves[index], index, size, changed, root));
                }
            }
        }
    }

    [Theory]
    [InlineData(-1, 4)]
    [InlineData(4, 4)]
    [InlineData(0, 0)]
    public void A_place_outside_the_tree_is_proved_by_nothing(long index, long size) =>
        Assert.False(ProofCheck.Inclusion(Leaves[0], index, size, [], Leaves[0]));

    /// <summary>Each hash with one bit flipped, one hash dropped at either end, one added, two changed about.</summary>
    private static IEnumerable<IReadOnlyList<TreeHash>> Changed(IReadOnlyList<TreeHash> proof, int seed)
    {
        for (var i = 0; i < proof.Count; i++)
        {
            var changed = proof.ToArray();
            changed[i] = Flipped(changed[i], seed + (i * 37));
            yield return changed;
        }

        if (proof.Count > 0)
        {
            yield return [.. proof.Skip(1)];
            yield return [.. proof.SkipLast(1)];
        }

        yield return [.. proof, TreeHash.Empty];
        yield return [TreeHash.Empty, .. proof];
        if (proof.Count > 1 && proof[0] != proof[1])
        {
            yield return [proof[1], proof[0], .. proof.Skip(2)];
        }
    }

    private static TreeHash Flipped(TreeHash hash, int bit)
    {
        var bytes = hash.ToBytes();
        bytes[bit % 256 / 8] ^= (byte)(1 << (bit % 8));
        return new TreeHash(bytes);
    }

    /// <summary>A tree in memory, each complete subtree hashed once.</summary>
    private static NodeSource NodesOf(TreeHash[] leaves)
    {
        var known = new Dictionary<(int, long), TreeHash>();
        TreeHash Node(int level, long index)
        {
            if (level == 0)
            {
                return leaves[index];
            }

            if (!known.TryGetValue((level, index), out var hash))
            {
                known[(level, index)] = hash = TreeHash.OfNode(Node(level - 1, 2 * index), Node(level - 1, (2 * index) + 1));
            }

            return hash;
        }

        return Node;
    }
}
