namespace Palisade.Audit.Tree;

/// <summary>
/// The right edge of a growing tree: the hashes of the tile that is not full yet, at each level. Enough to add leaves and to
/// know the root.
/// </summary>
internal sealed class TreeEdge
{
    private readonly List<List<TreeHash>> _levels = [];

    public long Size { get; private set; }

    public TreeHash Root
    {
        get
        {
            // From the right: within a level the smallest group of a power of two stands last.
            TreeHash? root = null;
            foreach (var level in _levels)
            {
                for (var end = level.Count; end > 0; end &= end - 1)
                {
                    var group = end & -end;
                    var hash = MerkleTree.PerfectRoot(level.ToArray().AsSpan(end - group, group));
                    root = root is { } right ? TreeHash.OfNode(hash, right) : hash;
                }
            }

            return root ?? TreeHash.Empty;
        }
    }

    /// <summary>Reads the edge of a tree of this size from its tiles.</summary>
    public static TreeEdge Read(TileFolder tiles, long size)
    {
        var edge = new TreeEdge { Size = size };
        for (var level = 0; size >> (level * TilePath.Height) > 0; level++)
        {
            var width = (int)((size >> (level * TilePath.Height)) % TilePath.FullWidth);
            var index = size >> ((level + 1) * TilePath.Height);
            edge._levels.Add(width == 0 ? [] : [.. tiles.ReadHashes(level, index, width)]);
        }

        return edge;
    }

    /// <summary>The leaves that are in no full tile yet.</summary>
    public IReadOnlyList<TreeHash> Tail => _levels.Count > 0 ? _levels[0] : [];

    /// <summary>Adds a leaf and hands on each tile that it fills: level, index, hashes.</summary>
    public void Add(in TreeHash leaf, Action<int, long, TreeHash[]> filled)
    {
        Size++;
        var hash = leaf;
        for (var level = 0; ; level++)
        {
            if (level == _levels.Count)
            {
                _levels.Add([]);
            }

            _levels[level].Add(hash);
            if (_levels[level].Count < TilePath.FullWidth)
            {
                return;
            }

            var full = _levels[level].ToArray();
            filled(level, (Size >> ((level + 1) * TilePath.Height)) - 1, full);
            _levels[level].Clear();
            hash = MerkleTree.PerfectRoot(full);
        }
    }

    /// <summary>Hands on the tiles that are not full yet.</summary>
    public void ForEachPartial(Action<int, long, TreeHash[]> partial)
    {
        for (var level = 0; level < _levels.Count; level++)
        {
            if (_levels[level].Count > 0)
            {
                partial(level, Size >> ((level + 1) * TilePath.Height), _levels[level].ToArray());
            }
        }
    }
}
