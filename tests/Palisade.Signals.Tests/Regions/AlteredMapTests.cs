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

        Assert.InRange(finding.ShareOf(MapState.Same), 0.98, 1);
    }

    [Fact]
    public void A_repainted_part_is_seen_where_it_is()
    {
        var upload = DrawnPictures.Draw(1).With(DrawnPictures.Draw(2), 120, 90, 240, 180);

        var finding = Compare(DrawnPictures.Draw(1), upload);

        Assert.InRange(Overlap(finding, 0.25, 0.25, 0.75, 0.75), 0.7, 1);
    }

    [Fact]
    public void What_was_cropped_away_is_unknown()
    {
        var finding = Compare(DrawnPictures.Draw(1), DrawnPictures.Draw(1).Cropped(0, 0, 240, 360));

        Assert.Equal(0.5, finding.ShareOf(MapState.Unknown), 0.06);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(16)]
    public void Mosaic_is_called_blurred(int square)
    {
        var upload = DrawnPictures.Draw(1).WithMosaic(120, 90, 240, 180, square);

        var finding = Compare(DrawnPictures.Draw(1), upload);

        var inside = Enumerable.Range(0, 144).Select(at => finding.States[((10 + (at / 12)) * 32) + 10 + (at % 12)]);
        var outside = Enumerable.Range(0, 6 * 32).Select(at => finding.States[at]);
        Assert.InRange(inside.Count(state => state == MapState.Blurred), 100, 144);
        Assert.InRange(outside.Count(state => state == MapState.Blurred), 0, 10);
    }

    /// <summary>The area that was altered and lies in a rectangle, over the area of either.</summary>
    private static double Overlap(RegionFinding finding, double left, double top, double right, double bottom)
    {
        var (both, either) = (0, 0);
        for (var at = 0; at < 64 * 64; at++)
        {
            var (x, y) = (((at % 64) + 0.5) / 64, ((at / 64) + 0.5) / 64);
            var isInside = x > left && x < right && y > top && y < bottom;
            var isSeen = finding.AtUpload(x, y) is MapState.Altered or MapState.Blurred;
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
