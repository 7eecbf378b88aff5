using Palisade.Signals.Regions;
using Palisade.Signals.Search.Regions;
using Palisade.Signals.Tests.Regions;

namespace Palisade.Signals.Tests.Search.Regions;

public sealed class RegionIndexTests
{
    private static readonly Lazy<RegionCodes[]> Enrolled = new(() =>
    {
        var extractor = new RegionExtractor();
        return [.. Enumerable.Range(0, 90).Select(seed => DrawnPictures.Draw(seed, 320, 240).Enrol(extractor))];
    });

    private readonly RegionExtractor _extractor = new();
    private readonly RegionSearcher _searcher = new();

    [Fact]
    public void A_picture_is_found_again_with_nearly_all_its_points()
    {
        var match = Assert.Single(Search(Index(), Draw(17)));

        Assert.Equal(17, match.Row);
        Assert.InRange(match.Score, 120, RegionCodes.DefaultPoints);
        Assert.False(match.Transform.IsMirrored);
        Assert.Equal(1, match.Transform.Similarity.Scale, 0.01);
        Assert.Equal(RegionDirection.BackgroundKept, match.Coverage.Direction);
    }

    [Fact]
    public void A_mirrored_picture_is_found_and_said_to_be_mirrored()
    {
        var match = Assert.Single(Search(Index(), Draw(17).Mirrored()));

        Assert.Equal(17, match.Row);
        Assert.True(match.Transform.IsMirrored);
        var (x, y) = match.Transform.ToUpload(0, 0, uploadWidth: 320);
        Assert.Equal(319, x, 1.5);
        Assert.Equal(0, y, 1.5);
    }

    [Fact]
    public void A_picture_that_is_half_repainted_is_found()
    {
        var match = Assert.Single(Search(Index(), Draw(17).With(Draw(900), 80, 20, 160, 200)));

        Assert.Equal(17, match.Row);
        Assert.InRange(match.Score, 10, 150);
    }

    [Fact]
    public void A_patch_in_another_picture_is_found_and_said_to_be_a_patch()
    {
        var match = Assert.Single(Search(Index(), Draw(900).With(Draw(17), 80, 60, 150, 120)));

        Assert.Equal(17, match.Row);
        Assert.Equal(RegionDirection.PatchPasted, match.Coverage.Direction);
    }

    [Fact]
    public void A_cropped_picture_is_found_and_said_to_be_cropped()
    {
        var match = Assert.Single(Search(Index(), Draw(17).Cropped(100, 50, 140, 120)));

        Assert.Equal(17, match.Row);
        Assert.Equal(RegionDirection.Cropped, match.Coverage.Direction);
    }

    [Fact]
    public void Other_pictures_match_nothing()
    {
        for (var seed = 1000; seed < 1030; seed++)
        {
            Assert.Empty(Search(Index(), Draw(seed)));
        }
    }

    [Fact]
    public void A_flat_picture_matches_nothing()
    {
        Assert.Empty(Search(Index(), DrawnPictures.Flat(320, 240, 90)));
    }

    [Fact]
    public void An_empty_index_finds_nothing()
    {
        Assert.Empty(Search(RegionIndex.Empty, Draw(17)));
    }

    [Fact]
    public void The_same_picture_enrolled_twice_is_found_twice()
    {
        var index = Index().With([KeyValuePair.Create(500, Enrolled.Value[17])], []);

        Assert.Equal([17, 500], Search(index, Draw(17)).Select(match => match.Row));
    }

    [Fact]
    public void A_removed_picture_is_not_found_any_more_and_the_others_are()
    {
        var index = Index().With([], [17]);

        Assert.Equal(Enrolled.Value.Length - 1, index.Count);
        Assert.Empty(Search(index, Draw(17)));
        Assert.Equal(18, Assert.Single(Search(index, Draw(18))).Row);
    }

    [Fact]
    public void A_picture_that_is_enrolled_anew_under_its_row_replaces_the_old_one()
    {
        var index = Index().With([KeyValuePair.Create(17, Enrolled.Value[20])], [20]);

        Assert.Equal(Enrolled.Value.Length - 1, index.Count);
        Assert.Empty(Search(index, Draw(17)));
        Assert.Equal(17, Assert.Single(Search(index, Draw(20))).Row);
    }

    [Fact]
    public void A_row_is_added_once_only()
    {
        var codes = Enrolled.Value[0];
        var builder = new RegionIndexBuilder();
        builder.Add(1, codes);

        Assert.Throws<ArgumentException>(() => builder.Add(1, codes));
        Assert.Throws<ArgumentException>(
            () => RegionIndex.Empty.With([KeyValuePair.Create(1, codes), KeyValuePair.Create(1, codes)], []));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Answers_do_not_depend_on_how_an_index_came_about(int seed)
    {
        var atOnce = Index();
        var grown = Grow(seed);

        Assert.Equal(atOnce.Count, grown.Count);
        for (var picture = 0; picture < 12; picture++)
        {
            var upload = Draw(picture * 7).With(Draw(2000 + picture), 40, 30, 160, 150);

            Assert.Equal(Search(atOnce, upload), Search(grown, upload));
        }
    }

    [Fact]
    public void The_table_finds_every_code_that_is_near_under_the_probed_keys()
    {
        var query = new QuerySide();
        query.Take(Draw(17).With(Draw(900), 80, 20, 160, 200).Query(_extractor), isMirrored: false);
        var rows = new RegionRows(0, 0);
        for (var row = 0; row < 60; row++)
        {
            rows.Add(row, Enrolled.Value[row]);
        }

        var votes = new VoteCount();
        votes.Begin(rows.Count, pictures: 1_000_000);
        new KeyProbe().Search(RegionSegment.Build(rows), 0, query, votes);

        var expected = new List<(int, PointPair)>();
        for (var point = 0; point < query.Count; point++)
        {
            for (var place = 0; place < rows.Count; place++)
            {
                for (var enrolled = 0; enrolled < rows.PointsOf(place); enrolled++)
                {
                    var difference = rows.CodesOf(place)[enrolled] ^ query.Code[point];
                    var distance = System.Numerics.BitOperations.PopCount(difference);
                    if (distance <= 7 && (RegionKey.Of(difference) & ~query.WeakKeyBits[point]) == 0)
                    {
                        expected.Add((place, new PointPair((short)point, (short)enrolled, (byte)distance)));
                    }
                }
            }
        }

        Assert.NotEmpty(expected);
        Assert.Equal(expected.ToHashSet(), votes.Gathered().ToHashSet());
    }

    [Fact]
    public void A_pattern_that_a_great_many_pictures_share_has_no_vote()
    {
        var votes = new VoteCount();
        votes.Begin(places: 100, pictures: 100);
        for (var place = 0; place < 9; place++)
        {
            votes.Add(place, new PointPair(Query: 1, Enrolled: 0, Distance: 0));
        }

        votes.Add(3, new PointPair(2, 1, 0));
        votes.Add(3, new PointPair(5, 2, 0));
        votes.Add(4, new PointPair(6, 2, 0));

        var chosen = votes.Choose().ToArray();

        // Picture 4 is left with one vote, and one is none.
        Assert.Equal([3, 3], chosen.Select(VoteCount.PlaceOf));
        Assert.Equal([2, 5], chosen.Select(vote => (int)VoteCount.PairOf(vote).Query));
    }

    [Fact]
    public void A_search_allocates_nothing_once_it_has_its_memory()
    {
        var index = Index();
        var query = Draw(17).Query(_extractor);
        var found = new List<RegionMatch>(16);
        _searcher.Search(index, query, found);

        var bytes = Allocations.Of(() =>
        {
            found.Clear();
            _searcher.Search(index, query, found);
        });

        Assert.InRange(bytes, 0, 200);
    }

    private static DrawnPictures Draw(int seed) => DrawnPictures.Draw(seed, 320, 240);

    private static RegionIndex Index()
    {
        var builder = new RegionIndexBuilder();
        for (var row = 0; row < Enrolled.Value.Length; row++)
        {
            builder.Add(row, Enrolled.Value[row]);
        }

        return builder.Build();
    }

    /// <summary>The same pictures, by additions and removals in random order.</summary>
    private static RegionIndex Grow(int seed)
    {
#pragma warning disable RS0030 // A seeded generator makes the same index every time.
        var random = new Random(seed);
#pragma warning restore RS0030
        var index = RegionIndex.Empty;
        var left = Enumerable.Range(0, Enrolled.Value.Length).ToArray();
        random.Shuffle(left);
        while (left.Length > 0)
        {
            var part = left[..Math.Min(left.Length, random.Next(1, 30))];
            left = left[part.Length..];
            index = index.With([.. part.Select(row => KeyValuePair.Create(row, Enrolled.Value[row]))], []);
            var away = part[random.Next(part.Length)];
            index = index.With([KeyValuePair.Create(10_000 + away, Enrolled.Value[away])], [away]);
            index = index.With([KeyValuePair.Create(away, Enrolled.Value[away])], [10_000 + away]);
        }

        return index;
    }

    private List<RegionMatch> Search(RegionIndex index, DrawnPictures upload)
    {
        var found = new List<RegionMatch>();
        _searcher.Search(index, upload.Query(_extractor), found);
        return found;
    }
}
