using System.Runtime.InteropServices;
using Palisade.Signals.Pdq;
using Palisade.Signals.Search;

namespace Palisade.Signals.Bench;

/// <summary>
/// Search within 31 bits, a scan of many needles at once beside scans of each alone, and what building and memory cost.
/// </summary>
/// <remarks>
/// The peer is called as LIST COUNT NEEDLES NEEDLE_COUNT RADIUS with files of packed 32-byte hashes, and prints
/// hits,microseconds: processor time for one needle, eight needles to a pass.
/// </remarks>
internal static class SearchBench
{
    private const int Radius = PdqHash.DefaultMatchDistance;
    private const int Rounds = 3;
    private const int PieceHashes = 1 << 20;

    public static IEnumerable<Dictionary<string, object>> Run(Options options)
    {
        if (options.Plot is null)
        {
            yield return Time(options.Count, options);
            yield break;
        }

        var rows = new List<Dictionary<string, object>>();
        for (var count = 10_000; count <= options.Count; count *= 10)
        {
            rows.Add(Time(count, options with { Batch = Options.UsualBatch }));
            yield return rows[^1];
        }

        File.WriteAllText(options.Plot, Plot.Draw(rows));
    }

    private static Dictionary<string, object> Time(int count, Options options)
    {
        var (isClustered, batch) = (options.IsClustered, options.Batch);
        var hashes = isClustered ? DrawClustered(count) : DrawRandom(count, seed: 1);
        var needles = DrawNeedles(hashes, 1_024);
        var rows = Enumerable.Range(0, count).ToArray();
        var heldBefore = GC.GetTotalMemory(forceFullCollection: true);
        PdqIndex? index = null;
        var build = Processor.Median(1, () => index = PdqIndex.Build(hashes, rows));
        var held = GC.GetTotalMemory(forceFullCollection: true) - heldBefore;

        var found = new List<PdqNeighbour>();
        Find();
        found.Clear();
        var each = new double[needles.Length];
        for (var at = 0; at < needles.Length; at++)
        {
            var before = Processor.Seconds();
            index!.Find(needles[at], Radius, found);
            each[at] = Processor.Seconds() - before;
        }

        Array.Sort(each);
        var all = new List<PdqNeedleNeighbour>();
        var scan = Processor.Median(Rounds, () => PdqScan.FindAll(hashes, needles.AsSpan(0, batch), Radius, all)) / batch;
        var inBatch = all.Count / Rounds;
        all.Clear();
        var alone = Processor.Median(1, () =>
        {
            for (var at = 0; at < batch; at++)
            {
                PdqScan.FindAll(hashes, needles.AsSpan(at, 1), Radius, all);
            }
        }) / batch;
        if (all.Count != inBatch)
        {
            throw new InvalidOperationException($"A batched scan found {inBatch} and single ones {all.Count}.");
        }

        var row = new Dictionary<string, object>
        {
            ["bench"] = $"search {(isClustered ? "clustered" : "random")}",
            ["count"] = count,
            ["microseconds"] = Math.Round(each[each.Length / 2] * 1e6, 2),
            ["meanMicroseconds"] = Math.Round(each.Average() * 1e6, 2),
            ["hits"] = found.Count,
            [$"scan{batch}Microseconds"] = Math.Round(scan * 1e6, 2),
            ["singleScanMicroseconds"] = Math.Round(alone * 1e6, 2),
            ["batchedRatio"] = Math.Round(alone / scan, 1),
            ["buildSeconds"] = Math.Round(build, 2),
            ["bytesEach"] = Math.Round((double)held / count, 1),
        };
        GC.KeepAlive(index);
        if (options.Peer is { } peer)
        {
            AddPeer(row, peer, batch, hashes, needles, each[each.Length / 2], each.Average(), scan);
        }

        return row;

        void Find()
        {
            for (var at = 0; at < 200; at++)
            {
                index!.Find(needles[at], Radius, found);
            }
        }
    }

    private static void AddPeer(
        Dictionary<string, object> row,
        string peer,
        int batch,
        PdqHash[] hashes,
        PdqHash[] needles,
        double median,
        double mean,
        double scan)
    {
        var (list, asked) = (Path.GetTempFileName(), Path.GetTempFileName());
        try
        {
            Write(list, hashes);
            Write(asked, needles);
            var few = hashes.Length >= 10_000_000 ? 16 : 64;
            var answer = Processor.AskPeer(peer, list, $"{hashes.Length}", asked, $"{few}", $"{Radius}");
            var microseconds = Processor.Number(answer[1]);
            row["peerMicroseconds"] = microseconds;
            row["ratio"] = Math.Round(microseconds / (median * 1e6), 1);
            row["ratioOfMeans"] = Math.Round(microseconds / (mean * 1e6), 1);
            row[$"scan{batch}Ratio"] = Math.Round(microseconds / (scan * 1e6), 1);
        }
        finally
        {
            File.Delete(list);
            File.Delete(asked);
        }
    }

    /// <summary>100 million hashes are more bytes than one span holds.</summary>
    private static IEnumerable<Memory<PdqHash>> Pieces(PdqHash[] hashes)
    {
        for (var at = 0; at < hashes.Length; at += PieceHashes)
        {
            yield return hashes.AsMemory(at, Math.Min(PieceHashes, hashes.Length - at));
        }
    }

    private static void Write(string path, PdqHash[] hashes)
    {
        using var file = File.Create(path);
        foreach (var piece in Pieces(hashes))
        {
            file.Write(MemoryMarshal.AsBytes(piece.Span));
        }
    }

    private static PdqHash[] DrawRandom(int count, int seed)
    {
        var hashes = new PdqHash[count];
        var random = new Random(seed);
        foreach (var piece in Pieces(hashes))
        {
            random.NextBytes(MemoryMarshal.AsBytes(piece.Span));
        }

        return hashes;
    }

    /// <summary>A fifth of the list in groups of 50, each member within 6 bits of the group's first.</summary>
    private static PdqHash[] DrawClustered(int count)
    {
        var hashes = DrawRandom(count, seed: 2);
        var random = new Random(3);
        for (var at = 0; at < count / 5; at++)
        {
            hashes[at] = at % 50 == 0 ? hashes[at] : Flip(hashes[at / 50 * 50], random.Next(7), random);
        }

        return hashes;
    }

    /// <summary>Every second one lies near a hash of the list.</summary>
    private static PdqHash[] DrawNeedles(PdqHash[] hashes, int count)
    {
        var needles = DrawRandom(count, seed: 9);
        var random = new Random(5);
        for (var at = 0; at < count; at += 2)
        {
            needles[at] = Flip(hashes[random.Next(hashes.Length)], random.Next(36), random);
        }

        return needles;
    }

    private static PdqHash Flip(PdqHash hash, int bits, Random random)
    {
        var bytes = hash.ToBytes();
        for (var flip = 0; flip < bits; flip++)
        {
            var place = random.Next(PdqHash.BitCount);
            bytes[place >> 3] ^= (byte)(1 << (place & 7));
        }

        return PdqHash.FromBytes(bytes);
    }
}
