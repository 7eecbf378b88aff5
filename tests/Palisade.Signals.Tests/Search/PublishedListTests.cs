using System.Text.Json;
using Palisade.Signals.Pdq;
using Palisade.Signals.Search;
using Palisade.Testing;

namespace Palisade.Signals.Tests.Search;

/// <summary>The published needles and haystack, with all their pairs within 64 bits.</summary>
public sealed class PublishedListTests
{
    private readonly record struct Pair(int Needle, int Hay, int Distance);

    [Fact]
    public void At_every_radius_up_to_64_the_index_finds_exactly_the_published_pairs()
    {
        var published = ReadPairs();
        var needles = ReadHashes("needles.txt");
        var haystack = ReadHashes("haystack.txt");
        var index = PdqIndex.Build(haystack, Enumerable.Range(1, haystack.Length).ToArray());

        for (var radius = 0; radius <= 64; radius++)
        {
            Assert.Equal(published.Where(pair => pair.Distance <= radius), FindPairs(index, needles, radius));
        }
    }

    [Fact]
    public void At_radius_31_there_are_250_pairs_also_among_a_hundred_thousand_other_hashes()
    {
        var others = Lists.Random(100_000, seed: 12);
        var haystack = ReadHashes("haystack.txt").Concat(others).ToArray();
        var index = PdqIndex.Build(haystack, Enumerable.Range(1, haystack.Length).ToArray());

        var pairs = FindPairs(index, ReadHashes("needles.txt"), PdqHash.DefaultMatchDistance).ToList();

        Assert.Equal(250, pairs.Count);
        Assert.Equal(ReadPairs().Where(pair => pair.Distance <= 31), pairs);
    }

    private static IEnumerable<Pair> FindPairs(PdqIndex index, PdqHash[] needles, int radius)
    {
        var found = new List<PdqNeighbour>();
        for (var needle = 0; needle < needles.Length; needle++)
        {
            found.Clear();
            index.Find(needles[needle], radius, found);
            foreach (var hay in found.OrderBy(neighbour => neighbour.Row))
            {
                yield return new Pair(needle + 1, hay.Row, hay.Distance);
            }
        }
    }

    private static List<Pair> ReadPairs()
    {
        using var file = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(Conformance.Folder("pdq"), "lists", "expected-matches.json")));
        return file.RootElement.GetProperty("matches").EnumerateArray()
            .Select(pair => new Pair(
                pair.GetProperty("needle_line").GetInt32(),
                pair.GetProperty("haystack_line").GetInt32(),
                pair.GetProperty("distance").GetInt32()))
            .OrderBy(pair => pair.Needle).ThenBy(pair => pair.Hay).ToList();
    }

    private static PdqHash[] ReadHashes(string file) =>
        File.ReadAllLines(Path.Combine(Conformance.Folder("pdq"), "lists", file))
            .Select(line => PdqHash.Parse(line)).ToArray();
}
