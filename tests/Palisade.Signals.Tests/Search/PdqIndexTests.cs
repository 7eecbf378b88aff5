using CsCheck;
using Palisade.Signals.Pdq;
using Palisade.Signals.Search;

namespace Palisade.Signals.Tests.Search;

public sealed class PdqIndexTests
{
    /// <summary>Radii on both sides of where the tables' own grow, and where the index counts out all hashes.</summary>
    private static readonly int[] Radii = [0, 1, 2, 8, 15, 16, 25, 26, 30, 31, 32, 40, 55, 64, 127, 128, 200, 254, 255];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(500)]
    [InlineData(2_047)]
    [InlineData(2_048)]
    [InlineData(9_000)]
    public void Every_radius_finds_what_counting_out_all_hashes_finds(int count)
    {
        var hashes = Lists.Mixed(count, seed: 11);
        var rows = Lists.Rows(count);
        var index = PdqIndex.Build(hashes, rows);

        foreach (var needle in Lists.Needles(hashes, 12, seed: 5))
        {
            foreach (var radius in Radii)
            {
                AssertFinds(hashes.Zip(rows, (hash, row) => KeyValuePair.Create(row, hash)), index, needle, radius);
            }
        }
    }

    [Fact]
    public void The_tables_alone_find_what_counting_out_all_hashes_finds_at_every_small_radius()
    {
        var hashes = Lists.Mixed(60_000, seed: 3);
        var rows = Lists.Rows(hashes.Length);
        var index = PdqIndex.Build(hashes, rows);
        var pairs = hashes.Zip(rows, (hash, row) => KeyValuePair.Create(row, hash)).ToList();

        foreach (var needle in Lists.Needles(hashes, 4, seed: 8))
        {
            for (var radius = 0; radius <= 40; radius += 3)
            {
                AssertFinds(pairs, index, needle, radius);
            }
        }
    }

    [Fact]
    public void A_hash_at_the_radius_is_found_and_one_bit_further_is_not()
    {
        var hashes = Lists.Random(20_000, seed: 1);
        var index = PdqIndex.Build(hashes, Lists.Rows(hashes.Length));

        Gen.Select(Gen.Int[0, hashes.Length - 1], Gen.Int[0, 60], Gen.Int).Sample(
            (at, radius, seed) =>
            {
                var random = new Random(seed);
                Assert.Contains(
                    new PdqNeighbour(Lists.RowOf(at), radius),
                    Find(index, Lists.Flip(hashes[at], radius, random), radius));
                Assert.Empty(Find(index, Lists.Flip(hashes[at], radius + 1, random), radius));
            },
            iter: 2_000);
    }

    [Fact]
    public void The_same_hash_is_found_once_for_each_of_its_rows()
    {
        var hash = Lists.Random(1, seed: 4)[0];
        var hashes = Enumerable.Repeat(hash, 3_000).ToArray();
        var index = PdqIndex.Build(hashes, Lists.Rows(hashes.Length));

        var found = Find(index, hash, 31);

        Assert.Equal(Lists.Rows(hashes.Length).Order(), found.Select(neighbour => neighbour.Row).Order());
    }

    [Fact]
    public void The_all_zero_hash_is_found_like_any_other()
    {
        var hashes = Lists.Random(5_000, seed: 6);
        hashes.AsSpan(100, 50).Clear();
        var index = PdqIndex.Build(hashes, Lists.Rows(hashes.Length));

        Assert.Equal(50, Find(index, default, 0).Count);
        Assert.Equal(50, Find(index, Lists.Flip(default, 31, new Random(1)), 31).Count);
    }

    [Fact]
    public void After_any_changes_the_index_finds_exactly_the_rows_that_are_there()
    {
        var change =
            from added in Gen.OneOf(Gen.Int[0, 5], Gen.Int[0, 1_500])
            from removed in Gen.OneOf(Gen.Int[0, 5], Gen.Int[0, 1_500])
            from seed in Gen.Int
            select (added, removed, seed);

        Gen.Select(Gen.Int[0, 4_000], change.Array[1, 12]).Sample(
            (count, changes) =>
            {
                var expected = Lists.Rows(count).Zip(Lists.Mixed(count, seed: 2), KeyValuePair.Create).ToDictionary();
                var index = PdqIndex.Build(expected.Values.ToArray(), expected.Keys.ToArray());
                foreach (var (added, removed, seed) in changes)
                {
                    var random = new Random(seed);
                    var gone = Enumerable.Range(0, removed).Select(_ => random.Next(8_000)).ToArray();
                    var come = Enumerable.Range(0, added).Select(_ => random.Next(8_000)).Distinct()
                        .Zip(Lists.Mixed(added, seed: 2), KeyValuePair.Create).ToArray();
                    index = index.With(come, gone);
                    Array.ForEach(gone, row => expected.Remove(row));
                    Array.ForEach(come, row => expected[row.Key] = row.Value);

                    Assert.Equal(expected.Count, index.Count);
                    var needle = Lists.Needles([.. expected.Values], 2, seed)[0];
                    AssertFinds(expected, index, needle, 31);
                    AssertFinds(expected, index, needle, 255);
                }
            },
            iter: 40);
    }

    [Fact]
    public void A_change_leaves_the_generation_before_as_it_was()
    {
        var hashes = Lists.Random(3_000, seed: 9);
        var before = PdqIndex.Build(hashes, Lists.Rows(hashes.Length));

        var after = before.With([KeyValuePair.Create(-1, hashes[0])], [Lists.RowOf(0)]);

        Assert.Equal([new PdqNeighbour(Lists.RowOf(0), 0)], Find(before, hashes[0], 31));
        Assert.Equal([new PdqNeighbour(-1, 0)], Find(after, hashes[0], 31));
    }

    [Fact]
    public void A_row_that_is_added_again_is_replaced()
    {
        var hashes = Lists.Random(3_000, seed: 9);
        var before = PdqIndex.Build(hashes, Lists.Rows(hashes.Length));

        var after = before.With([KeyValuePair.Create(Lists.RowOf(0), hashes[1])], []);

        Assert.Empty(Find(after, hashes[0], 31));
        Assert.Equal(2, Find(after, hashes[1], 31).Count);
        Assert.Equal(3_000, after.Count);
    }

    [Fact]
    public void A_row_that_occurs_twice_is_refused()
    {
        Assert.Throws<ArgumentException>(() => PdqIndex.Build(new PdqHash[2], [7, 7]));
        Assert.Throws<ArgumentException>(() => PdqIndex.Build(new PdqHash[2], [7]));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(256)]
    public void A_radius_outside_the_hash_is_refused(int radius) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PdqIndex.Empty.Find(default, radius, new List<PdqNeighbour>()));

    [Fact]
    public void A_search_allocates_nothing()
    {
        var hashes = Lists.Mixed(20_000, seed: 1);
        var index = PdqIndex.Build(hashes, Lists.Rows(hashes.Length)).With([KeyValuePair.Create(-1, hashes[0])], []);
        var found = new List<PdqNeighbour>(hashes.Length);

        var allocated = Allocations.Of(FindSome);

        Assert.Equal(0, allocated);

        void FindSome()
        {
            for (var at = 0; at < 50; at++)
            {
                found.Clear();
                index.Find(hashes[at], 31, found);
            }
        }
    }

    private static List<PdqNeighbour> Find(PdqIndex index, PdqHash needle, int radius)
    {
        var found = new List<PdqNeighbour>();
        index.Find(needle, radius, found);
        return found;
    }

    private static void AssertFinds(
        IEnumerable<KeyValuePair<int, PdqHash>> rows, PdqIndex index, PdqHash needle, int radius)
    {
        var expected = rows
            .Select(row => new PdqNeighbour(row.Key, row.Value.DistanceTo(needle)))
            .Where(neighbour => neighbour.Distance <= radius)
            .OrderBy(neighbour => neighbour.Row);

        Assert.Equal(expected, Find(index, needle, radius).OrderBy(neighbour => neighbour.Row));
    }
}
