using System.Runtime.CompilerServices;
using Palisade.Audit.Tree;

namespace Palisade.Audit;

/// <summary>Something in the log that is not as it was signed.</summary>
/// <param name="Number">The entry; 0 where it is no single one's matter.</param>
/// <param name="What">The rest of a sentence that begins with the entry or the log.</param>
public sealed record LogDamage(long Number, string What)
{
    /// <summary>It was signed and is gone, rather than changed.</summary>
    public bool IsMissing { get; init; }
}

/// <summary>
/// Reads rows, bundles and tiles back from where they are stored and recomputes the tree from them. Never writes.
/// </summary>
public sealed class LogVerification(AuditLog log, TileFolder tiles)
{
    /// <summary>Looks at the entries from a place to the end of a tree, and names each that is wrong.</summary>
    /// <param name="from">How many entries are passed over; whole tiles only.</param>
    /// <param name="size">Of the tree.</param>
    /// <param name="root">What was signed for it.</param>
    /// <param name="checkedEntries">Told how many have been looked at, now and then.</param>
    public async IAsyncEnumerable<LogDamage> FindDamageAsync(
        long from, long size, TreeHash root, IProgress<long>? checkedEntries, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var damage = new List<LogDamage>();
        var start = from / TilePath.FullWidth * TilePath.FullWidth;
        if (Try(() => TreeEdge.Read(tiles, start), out var problem) is not { } edge)
        {
            yield return new LogDamage(0, problem!);
            yield break;
        }

        for (var first = start; first < size; first += TilePath.FullWidth)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bundle = first / TilePath.FullWidth;
            var width = TiledTree.WidthOf(0, bundle, size);
            var rows = await ReadRowsAsync(first + 1, width, damage, cancellationToken);
            var hashes = Try(() => tiles.ReadHashes(0, bundle, width), out problem);
            var leaves = Try(() => tiles.ReadEntries(bundle, width), out var bundleProblem);
            if (hashes is null || leaves is null)
            {
                yield return new LogDamage(first + 1, $"and the {width - 1} after it cannot be compared: {problem ?? bundleProblem}");
                yield break;
            }

            for (var i = 0; i < width; i++)
            {
                Compare(first + i + 1, rows[i], leaves[i], hashes[i], damage);
                edge.Add(hashes[i], (level, index, tile) => CompareTile(level, index, tile, damage));
            }

            foreach (var found in damage.OrderBy(found => found.Number))
            {
                yield return found;
            }

            damage.Clear();
            checkedEntries?.Report(Math.Min(first + TilePath.FullWidth, size));
        }

        edge.ForEachPartial((level, index, tile) => CompareTile(level, index, tile, damage));
        foreach (var found in damage)
        {
            yield return found;
        }

        if (edge.Root != root)
        {
            yield return new LogDamage(0, $"gives another root for {size} entries than the one that was signed.");
        }
    }

    private async Task<byte[]?[]> ReadRowsAsync(long number, int count, List<LogDamage> damage, CancellationToken cancellationToken)
    {
        var leaves = new byte[]?[count];
        await log.Store.ReadAsync(
            async connection =>
            {
                foreach (var (at, leaf) in await log.Table.ReadWhatIsThereAsync(connection, number, count))
                {
                    leaves[at - number] = leaf;
                    if (leaf is null)
                    {
                        damage.Add(new LogDamage(at, "was changed in the store."));
                    }
                }

                return 0;
            },
            cancellationToken);
        for (var i = 0; i < count; i++)
        {
            if (leaves[i] is null && !damage.Exists(found => found.Number == number + i))
            {
                damage.Add(new LogDamage(number + i, "is missing from the store.") { IsMissing = true });
            }
        }

        return leaves;
    }

    private static void Compare(long number, byte[]? row, byte[] leaf, TreeHash hash, List<LogDamage> damage)
    {
        if (row is not null && TreeHash.OfLeaf(row) != hash)
        {
            damage.Add(new LogDamage(number, "is another in the store than the one that was signed."));
        }

        if (TreeHash.OfLeaf(leaf) != hash)
        {
            damage.Add(new LogDamage(number, "is another in its bundle than the one that was signed."));
        }
    }

    private void CompareTile(int level, long index, TreeHash[] computed, List<LogDamage> damage)
    {
        // Level 0 is what the hashes were read from.
        if (level > 0 && Try(() => tiles.ReadHashes(level, index, computed.Length), out var problem) is var stored &&
            (stored is null || !stored.AsSpan().SequenceEqual(computed)))
        {
            damage.Add(new LogDamage(
                (index << ((level + 1) * TilePath.Height)) + 1,
                problem ?? $"begins a part of which {new TilePath(level, index, computed.Length)} does not follow from the tiles below it."));
        }
    }

    private static T? Try<T>(Func<T> read, out string? problem)
        where T : class
    {
        problem = null;
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            problem = exception.Message;
            return null;
        }
    }
}
