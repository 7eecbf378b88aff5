using Palisade.Signals.Digests;
using Palisade.Signals.Search;

namespace Palisade.Signals.Bench;

/// <summary>Exact digests: look-up, bytes an entry, and building.</summary>
internal static class DigestBench
{
    public static IEnumerable<Dictionary<string, object>> Run(Options options)
    {
        foreach (var type in Enum.GetValues<DigestType>())
        {
            yield return Time(type, options.Count);
        }
    }

    private static Dictionary<string, object> Time(DigestType type, int count)
    {
        var size = type == DigestType.Sha256 ? 16 : Digest.SizeOf(type);
        var bytes = GC.AllocateUninitializedArray<byte>(count * size);
        new Random(1).NextBytes(bytes);
        DigestTable? table = null;
        var build = Processor.Median(1, () => table = DigestTable.Build(type, bytes, Enumerable.Range(0, count).ToArray()));
        var needles = Enumerable.Range(0, 100_000).Select(at =>
        {
            var whole = new byte[Digest.SizeOf(type)];
            bytes.AsSpan((int)((long)at * 7919 % count) * size, size).CopyTo(whole);
            return new Digest(type, whole);
        }).ToArray();
        var found = new List<int>(needles.Length);
        var seconds = Processor.Median(3, () =>
        {
            found.Clear();
            foreach (var needle in needles)
            {
                table!.Find(needle, found);
            }
        });

        return new()
        {
            ["bench"] = $"digest {type}",
            ["count"] = count,
            ["microseconds"] = Math.Round(seconds / needles.Length * 1e6, 3),
            ["found"] = found.Count,
            ["bytesEach"] = Math.Round((double)table!.SizeBytes / count, 2),
            ["buildSeconds"] = Math.Round(build, 2),
        };
    }
}
