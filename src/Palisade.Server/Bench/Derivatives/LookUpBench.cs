using System.Buffers.Binary;
using System.Diagnostics;
using Palisade.Signals.Regions;
using Palisade.Signals.Search.Regions;

namespace Palisade.Server.Bench.Derivatives;

/// <summary>
/// Measures look-ups of real queries among as many synthetic pictures as asked for.
/// </summary>
/// <remarks>
/// A synthetic code takes the terms of even v from one real code and those of odd v from another, and flips one bit in
/// sixteen, so that keys are as unevenly used as real ones and yet no two codes are alike by more than chance.
/// </remarks>
internal static class LookUpBench
{
    private const ulong OddTerms = 0x7f80_7f80_7f80_7f80;
    private const ulong EvenTerms = ~OddTerms & (ulong.MaxValue >> 1);
    private const ulong FreeBit = 1UL << 63;

    public static LookUpCost Run(
        int pictures, int points, IReadOnlyList<RegionCodes> real, IReadOnlyList<RegionQuery> queries, Action<string> says)
    {
        says($"making {pictures:#,0} synthetic pictures of {points} points");
        var startedAt = Stopwatch.GetTimestamp();
        var builder = new RegionIndexBuilder(pictures, pictures * points);
        Fill(builder, pictures, points, real);
        says($"building the index (pictures made in {Stopwatch.GetElapsedTime(startedAt).TotalSeconds:0} s)");
        startedAt = Stopwatch.GetTimestamp();
        var index = builder.Build();
        var build = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;

        says("looking up");
        var searcher = new RegionSearcher();
        var found = new List<RegionMatch>();
        foreach (var query in queries.Take(3))
        {
            searcher.Search(index, query, found);
        }

        var times = new List<double>();
        foreach (var query in queries)
        {
            found.Clear();
            var before = ThreadClock.Milliseconds();
            searcher.Search(index, query, found);
            times.Add(ThreadClock.Milliseconds() - before);
        }

        times.Sort();
        return new LookUpCost(
            pictures, points, build, ProcessTree.MemoryBytesOf(Environment.ProcessId) >> 20, times.Count, times.Average(),
            times[(int)Math.Ceiling(0.95 * times.Count) - 1], times[^1]);
    }

    private static void Fill(RegionIndexBuilder builder, int pictures, int points, IReadOnlyList<RegionCodes> real)
    {
        var full = real.Where(codes => codes.Count >= points).Select(codes => codes.Bytes.ToArray()).ToList();
        var codes = full.SelectMany(bytes => Enumerable.Range(0, points).Select(at => CodeAt(bytes, at))).ToArray();
        var (state, bytes) = (1UL, new byte[points * RegionCodes.PointBytes]);
        for (var picture = 0; picture < pictures; picture++)
        {
            full[picture % full.Count].AsSpan(0, bytes.Length).CopyTo(bytes);
            for (var at = 0; at < points; at++)
            {
                var pick = Next(ref state);
                var mixed = (codes[(uint)pick % codes.Length] & EvenTerms) | (codes[(pick >> 32) % (ulong)codes.Length] & OddTerms);
                var flips = Next(ref state) & Next(ref state) & Next(ref state) & Next(ref state);
                var code = ((mixed ^ flips) & ~FreeBit) | (CodeAt(bytes, at) & FreeBit);
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at * RegionCodes.PointBytes), code);
            }

            builder.Add(picture, RegionCodes.TryRead(bytes, out _)!);
        }
    }

    private static ulong CodeAt(byte[] bytes, int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at * RegionCodes.PointBytes));

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014): the same pictures every time.</summary>
    private static ulong Next(ref ulong state)
    {
        state += 0x9E37_79B9_7F4A_7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return mixed ^ (mixed >> 31);
    }
}
