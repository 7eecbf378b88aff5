using Palisade.Signals.Pdq;
using Palisade.Signals.Search;

namespace Palisade.Signals.Tests.Search;

/// <summary>Lists that crowd the buckets, and many needles at once.</summary>
public sealed class CrowdedListTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(60)]
    [InlineData(200)]
    public void Hashes_that_differ_in_few_places_are_all_found_though_they_crowd_the_buckets(int places)
    {
        var random = new Random(places);
        var stem = Lists.Random(1, places)[0].ToBytes();
        var hashes = Enumerable.Range(0, 30_000).Select(_ =>
        {
            // All differences lie in the first places of the hash, so that most of it is one value throughout.
            var bytes = (byte[])stem.Clone();
            for (var flip = 0; flip < 16; flip++)
            {
                var place = random.Next(places);
                bytes[place >> 3] ^= (byte)(1 << (place & 7));
            }

            return PdqHash.FromBytes(bytes);
        }).ToArray();
        var index = PdqIndex.Build(hashes, Lists.Rows(hashes.Length));

        foreach (var needle in Lists.Needles(hashes, 3, seed: 2))
        {
            foreach (var radius in new[] { 0, 3, 15, 31, 50, 120 })
            {
                Assert.Equal(CountOut(hashes, needle, radius), Find(index, needle, radius));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(900)]
    [InlineData(20_000)]
    public void Many_needles_at_once_find_what_each_finds_alone(int count)
    {
        var hashes = Lists.Mixed(count, seed: 4);
        var index = PdqIndex.Build(hashes, Lists.Rows(count)).With([KeyValuePair.Create(-5, default(PdqHash))], []);
        var needles = Lists.Needles(hashes, 150, seed: 6).ToArray();

        foreach (var radius in new[] { 0, 31, 90 })
        {
            var found = new List<PdqNeedleNeighbour>();
            index.FindAll(needles, radius, found);

            var expected = needles.SelectMany((needle, at) => Find(index, needle, radius)
                .Select(neighbour => new PdqNeedleNeighbour(at, neighbour.Row, neighbour.Distance)));
            Assert.Equal(expected, found.OrderBy(each => each.Needle).ThenBy(each => each.Row));

            found.Clear();
            PdqScan.FindAll(hashes, needles, radius, found);
            Assert.All(found, each => Assert.Equal(
                each.Distance, hashes[each.Row].DistanceTo(needles[each.Needle])));
            Assert.Equal(
                needles.Sum(needle => hashes.Count(hash => hash.DistanceTo(needle) <= radius)), found.Count);
        }
    }

    private static IEnumerable<PdqNeighbour> CountOut(PdqHash[] hashes, PdqHash needle, int radius) =>
        hashes.Select((hash, at) => new PdqNeighbour(Lists.RowOf(at), hash.DistanceTo(needle)))
            .Where(neighbour => neighbour.Distance <= radius).OrderBy(neighbour => neighbour.Row);

    private static IEnumerable<PdqNeighbour> Find(PdqIndex index, PdqHash needle, int radius)
    {
        var found = new List<PdqNeighbour>();
        index.Find(needle, radius, found);
        return found.OrderBy(neighbour => neighbour.Row);
    }
}
