using Palisade.Signals.Regions;
using Palisade.Signals.Search.Regions;

namespace Palisade.Signals.Tests.Regions;

public sealed class AlteredMapTests
{
    private readonly RegionExtractor _extractor = new();

    [Fact]
    public void A_map_is_768_bytes_and_is_read_back()
    {
        DrawnPictures.Draw(1).GiveTo(_extractor);
        var map = _extractor.DrawMap();

        Assert.Equal(768, map.Bytes.Length);
        Assert.Equal(map.Bytes.ToArray(), AlteredMap.TryRead(map.Bytes.Span)!.Bytes.ToArray());
    }

    [Fact]
    public void Bytes_that_are_no_map_are_refused()
    {
        Assert.Null(AlteredMap.TryRead(new byte[767]));
        Assert.Null(AlteredMap.TryRead([.. Enumerable.Repeat((byte)3, 768)]));
    }

    [Fact]
    public void An_unaltered_copy_is_the_same_everywhere()
    {
        var finding = Compare(DrawnPictures.Draw(1), DrawnPictures.Draw(1));

        Assert.True(finding.ShareOf(MapState.Altered) < 0.01);
        Assert.Equal(0, finding.ShareOf(MapState.Unknown));
        Assert.True(finding.ShareOf(MapState.Same) > 0.95);
    }

    [Fact]
    public void A_repainted_part_is_seen_where_it_is()
    {
        var upload = DrawnPictures.Draw(1).With(DrawnPictures.Draw(2), 120, 90, 240, 180);

        var finding = Compare(DrawnPictures.Draw(1), upload);

        Assert.True(Overlap(finding, MapState.Altered, 0.25, 0.25, 0.75, 0.75) > 0.7);
    }

    [Fact]
    public void What_was_cropped_away_is_unknown()
    {
        var finding = Compare(DrawnPictures.Draw(1), DrawnPictures.Draw(1).Cropped(0, 0, 240, 360));

        Assert.Equal(0.5, finding.ShareOf(MapState.Unknown), 0.06);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(20)]
    [InlineData(32)]
    public void Mosaic_is_called_blurred(int square)
    {
        var upload = DrawnPictures.Draw(1).WithMosaic(120, 90, 240, 180, square);

        var finding = Compare(DrawnPictures.Draw(1), upload);

        var inside = Enumerable.Range(10, 12).SelectMany(y => Enumerable.Range(10, 12).Select(x => finding.States[(y * 32) + x])).ToList();
        var outside = Enumerable.Range(0, 32 * 7).Select(at => finding.States[at]).ToList();
        Assert.True(inside.Count(state => state == MapState.Blurred) > 0.5 * inside.Count, string.Join(' ', inside.GroupBy(s => s).Select(g => $"{g.Key} {g.Count()}")));
        Assert.True(outside.Count(state => state == MapState.Blurred) < 0.05 * outside.Count);
    }

    /// <summary>The area in a state and in a rectangle, over the area in either.</summary>
    private static double Overlap(RegionFinding finding, MapState state, double left, double top, double right, double bottom)
    {
        var (both, either) = (0, 0);
        for (var at = 0; at < 64 * 64; at++)
        {
            var (x, y) = (((at % 64) + 0.5) / 64, ((at / 64) + 0.5) / 64);
            var isInside = x > left && x < right && y > top && y < bottom;
            var isSeen = finding.AtUpload(x, y) == state;
            both += isInside && isSeen ? 1 : 0;
            either += isInside || isSeen ? 1 : 0;
        }

        return both / (double)either;
    }

    private RegionFinding Compare(DrawnPictures enrolled, DrawnPictures upload)
    {
        enrolled.GiveTo(_extractor);
        var index = RegionIndex.Empty.With([KeyValuePair.Create(1, _extractor.Enrol()!)], []);
        var map = _extractor.DrawMap();
        upload.GiveTo(_extractor);
        var found = new List<RegionMatch>();
        new RegionSearcher().Search(index, _extractor.Query(), found);
        return new MapComparison().Compare(map, _extractor.CopyPicture(), Assert.Single(found).Transform);
    }
}
