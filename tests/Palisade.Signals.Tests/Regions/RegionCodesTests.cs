using CsCheck;
using Palisade.Signals.Regions;

namespace Palisade.Signals.Tests.Regions;

public sealed class RegionCodesTests
{
    private readonly RegionExtractor _extractor = new();

    [Theory]
    [InlineData(RegionCodes.DefaultPoints, 2400)]
    [InlineData(RegionCodes.DensePoints, 3600)]
    public void A_picture_takes_12_bytes_for_each_point(int points, int bytes)
    {
        Assert.Equal(bytes, DrawnPictures.Draw(1).Enrol(_extractor, points).Bytes.Length);
    }

    [Fact]
    public void The_dense_setting_begins_with_the_points_of_the_default_one()
    {
        var sparse = DrawnPictures.Draw(1).Enrol(_extractor);
        var dense = DrawnPictures.Draw(1).Enrol(_extractor, RegionCodes.DensePoints);

        Assert.Equal(sparse.Bytes.ToArray(), dense.Bytes[..sparse.Bytes.Length].ToArray());
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        var codes = DrawnPictures.Draw(1, width: 333, height: 500).Enrol(_extractor);

        var read = RegionCodes.TryRead(codes.Bytes.Span, out var fault);

        Assert.NotNull(read);
        Assert.Equal(RegionCodesFault.None, fault);
        Assert.Equal((codes.Width, codes.Height, codes.Count), (read.Width, read.Height, read.Count));
        Assert.Equal(codes.Bytes.ToArray(), read.Bytes.ToArray());
    }

    [Fact]
    public void Codes_of_another_version_are_told_apart_from_broken_ones()
    {
        var bytes = DrawnPictures.Draw(1).Enrol(_extractor).Bytes.ToArray();
        bytes[(1 * RegionCodes.PointBytes) + 7] ^= 0x80;

        Assert.Null(RegionCodes.TryRead(bytes, out var fault));
        Assert.Equal(RegionCodesFault.OtherVersion, fault);
    }

    [Fact]
    public void A_free_bit_that_is_set_is_refused()
    {
        var bytes = DrawnPictures.Draw(1).Enrol(_extractor).Bytes.ToArray();
        bytes[(150 * RegionCodes.PointBytes) + 7] |= 0x80;

        Assert.Null(RegionCodes.TryRead(bytes, out var fault));
        Assert.Equal(RegionCodesFault.Malformed, fault);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(24 * 12)]
    [InlineData(2399)]
    [InlineData(301 * 12)]
    public void Bytes_of_another_length_are_refused(int length)
    {
        Assert.Null(RegionCodes.TryRead(new byte[length], out var fault));
        Assert.Equal(RegionCodesFault.WrongLength, fault);
    }

    [Fact]
    public void Any_bytes_are_read_whole_or_refused()
    {
        Gen.Byte.Array[0, 700].Sample(bytes =>
        {
            var codes = RegionCodes.TryRead(bytes, out var fault);
            Assert.Equal(codes is null, fault != RegionCodesFault.None);
            Assert.True(codes is null || codes.Bytes.Span.SequenceEqual(bytes));
        });
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(1, 1)]
    [InlineData(4000, 3)]
    [InlineData(640, 480)]
    public void A_picture_without_texture_has_no_codes(int width, int height)
    {
        DrawnPictures.Flat(width, height, 120).GiveTo(_extractor);

        Assert.Null(_extractor.Enrol());
        Assert.Equal(0, _extractor.Query().Count);
        Assert.Equal(AlteredMap.ByteCount, _extractor.DrawMap().Bytes.Length);
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(3, 2000)]
    public void A_tiny_or_narrow_drawing_is_no_error(int width, int height)
    {
        DrawnPictures.Draw(3, width, height).GiveTo(_extractor);

        Assert.Null(_extractor.Enrol());
    }

    [Fact]
    public void A_uniform_border_changes_no_code()
    {
        var picture = DrawnPictures.Draw(4);
        var framed = DrawnPictures.Flat(picture.Width + 100, picture.Height + 60, 0);
        for (var y = 0; y < picture.Height; y++)
        {
            picture.Luma.AsSpan(y * picture.Width, picture.Width).CopyTo(framed.Luma.AsSpan(((y + 20) * framed.Width) + 70));
        }

        Assert.Equal(picture.Enrol(_extractor).Bytes.ToArray(), framed.Enrol(_extractor).Bytes.ToArray());
    }

    [Fact]
    public void Colour_counts_by_its_luma_rounded()
    {
        Gen.Byte.Array[30].Sample(
            rgb =>
            {
                _extractor.Begin(10, 1);
                _extractor.AddRgbRows(rgb);
                _extractor.Finish(1);

                var expected = Enumerable.Range(0, 10)
                    .Select(x => ((299 * rgb[3 * x]) + (587 * rgb[(3 * x) + 1]) + (114 * rgb[(3 * x) + 2]) + 500) / 1000)
                    .Select(luma => (byte)luma);
                Assert.Equal(expected, _extractor.CopyWhole().Luma.ToArray());
            },
            threads: 1);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void A_picture_is_turned_upright_first(int orientation)
    {
        var upright = DrawnPictures.Draw(5, 300, 200);
        var stored = AsStored(upright, orientation);

        stored.GiveTo(_extractor, orientation);
        var turned = _extractor.Enrol();

        Assert.Equal(upright.Enrol(_extractor).Bytes.ToArray(), turned!.Bytes.ToArray());
    }

    [Fact]
    public void Only_the_answer_is_allocated()
    {
        var picture = DrawnPictures.Draw(6);
        var extractor = new RegionExtractor();
        picture.Query(extractor);
        picture.Enrol(extractor);
        extractor.DrawMap();

        var query = Allocations.Of(() => picture.Query(extractor));
        var enrol = Allocations.Of(() => picture.Enrol(extractor));
        var map = Allocations.Of(() => extractor.DrawMap());

        Assert.InRange(query, 0, (RegionQuery.MostPoints * 32) + 200);
        Assert.InRange(enrol, 0, 2400 + 200);
        Assert.InRange(map, 0, AlteredMap.ByteCount + 100);
    }

    [Fact]
    public void Rows_that_are_missing_or_too_many_are_refused()
    {
        _extractor.Begin(10, 2);
        _extractor.AddLumaRows(new byte[10]);

        Assert.Throws<InvalidOperationException>(() => _extractor.Finish(1));
        Assert.Throws<ArgumentException>(() => _extractor.AddLumaRows(new byte[20]));
        Assert.Throws<InvalidOperationException>(() => _extractor.Query());
    }

    /// <summary>What a camera stores when it is held another way: TIFF 6.0 says where row 0 and column 0 are.</summary>
    private static DrawnPictures AsStored(DrawnPictures upright, int orientation)
    {
        var isTurned = orientation >= 5;
        var stored = isTurned
            ? DrawnPictures.Flat(upright.Height, upright.Width, 0)
            : DrawnPictures.Flat(upright.Width, upright.Height, 0);
        var (right, bottom) = (upright.Width - 1, upright.Height - 1);
        for (var row = 0; row < stored.Height; row++)
        {
            for (var column = 0; column < stored.Width; column++)
            {
                // "The 0th row is the visual top, the 0th column the visual left" is 1; the others in their order.
                var (x, y) = orientation switch
                {
                    2 => (right - column, row),
                    3 => (right - column, bottom - row),
                    4 => (column, bottom - row),
                    5 => (row, column),
                    6 => (right - row, column),
                    7 => (right - row, bottom - column),
                    _ => (row, bottom - column),
                };
                stored.Luma[(row * stored.Width) + column] = upright.Luma[(y * upright.Width) + x];
            }
        }

        return stored;
    }
}
