namespace Palisade.Audit.Tree;

/// <summary>The tree of one size, read from its tiles as far as an answer needs them. For one thread and one answer.</summary>
public sealed class TiledTree(TileFolder tiles, long size)
{
    private readonly Dictionary<(int Level, long Index), TreeHash[]> _read = [];

    public long Size => size;

    public TreeHash Root => MerkleTree.Root(size, Node);

    public IReadOnlyList<TreeHash> ProveInclusion(long index) => MerkleTree.ProveInclusion(index, size, Node);

    /// <summary>That the tree of an earlier size is the beginning of this one.</summary>
    public IReadOnlyList<TreeHash> ProveConsistency(long oldSize) => MerkleTree.ProveConsistency(oldSize, size, Node);

    public TreeHash LeafHash(long index) => Node(0, index);

    public byte[] Leaf(long index)
    {
        var bundle = index / TilePath.FullWidth;
        return tiles.ReadEntries(bundle, WidthOf(0, bundle, size))[(int)(index % TilePath.FullWidth)];
    }

    /// <summary>How many hashes a tile has in a tree of a size.</summary>
    internal static int WidthOf(int level, long index, long size) =>
        (int)Math.Min(TilePath.FullWidth, (size >> (level * TilePath.Height)) - (index * TilePath.FullWidth));

    private TreeHash Node(int level, long index)
    {
        var tileLevel = level / TilePath.Height;
        var inside = level % TilePath.Height;
        var first = index << inside;
        var tile = first / TilePath.FullWidth;
        if (!_read.TryGetValue((tileLevel, tile), out var hashes))
        {
            hashes = tiles.ReadHashes(tileLevel, tile, WidthOf(tileLevel, tile, size));
            _read[(tileLevel, tile)] = hashes;
        }

        return MerkleTree.PerfectRoot(hashes.AsSpan((int)(first % TilePath.FullWidth), 1 << inside));
    }
}
