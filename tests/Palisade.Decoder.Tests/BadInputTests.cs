using System.Text;
using Palisade.Decoding;
using Palisade.Testing;

namespace Palisade.Decoder.Tests;

public sealed class BadInputTests(PoolFixture fixture)
{
    public static TheoryData<string> Formats { get; } = new("jpeg", "png", "webp", "gif", "tiff", "avif");

    [Fact]
    public async Task An_empty_file_is_undecodable()
    {
        var outcome = await DecodeAsync([]);

        Assert.Equal(UndecodableReason.Empty, Assert.IsType<DecodeOutcome.Undecodable>(outcome).Reason);
    }

    [Theory]
    [InlineData("<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>", "SVG")]
    [InlineData("%PDF-1.7\n1 0 obj", "PDF")]
    [InlineData("%!PS-Adobe-3.0", "PostScript")]
    [InlineData("BM\0\0\0\0", "BMP")]
    [InlineData("8BPS\0\u0001", "Photoshop")]
    [InlineData("A letter that someone has named holiday.jpg.", "Text")]
    [InlineData("II*\0\u0010\0\0\0CR\u0002\0", "raw")]
    [InlineData("PK\u0003\u0004", "archive")]
    public async Task What_is_no_picture_of_the_list_is_refused_by_name(string content, string name)
    {
        var outcome = await DecodeAsync(Encoding.Latin1.GetBytes(content));

        Assert.Contains(name, Assert.IsType<DecodeOutcome.Refused>(outcome).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Every_form_is_read_back(string format)
    {
        var file = await Drawing.EncodeAsync(fixture.Pool, format, width: 161, height: 119);

        var picture = Assert.IsType<DecodeOutcome.Decoded>(await DecodeAsync(file)).Picture;

        Assert.Equal((format, 161, 119, 1), (picture.Format, picture.Width, picture.Height, picture.FrameCount));
        Assert.False(picture.Approximate);
        Assert.Contains(format, fixture.Pool.Formats, StringComparer.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_file_cut_in_half_is_undecodable_and_says_what_it_was(string format)
    {
        var file = await Drawing.EncodeAsync(fixture.Pool, format, width: 400, height: 300);

        var outcome = Assert.IsType<DecodeOutcome.Undecodable>(await DecodeAsync(file[..(file.Length / 2)]));

        Assert.Equal((UndecodableReason.Corrupt, format), (outcome.Reason, outcome.Format));
    }

    [Fact]
    public async Task A_png_that_claims_900_million_pixels_is_refused_from_its_header()
    {
        var file = new PngBuilder().Header(30_000, 30_000, 1, 0)
            .Chunk("IDAT", PngBuilder.DeflateZeros(30_000L * 3_751)).End();

        var outcome = Assert.IsType<DecodeOutcome.Undecodable>(await DecodeAsync(file));

        Assert.Equal(UndecodableReason.TooManyPixels, outcome.Reason);
        Assert.Contains("900,000,000", outcome.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20_000_000, 4)]
    [InlineData(4, 65_536)]
    public async Task A_side_that_is_too_long_is_refused_from_the_header(int width, int height)
    {
        var file = new PngBuilder().Header(width, height, 1, 0).Pixels(new byte[100]).End();

        var outcome = Assert.IsType<DecodeOutcome.Undecodable>(await DecodeAsync(file));

        Assert.Equal(UndecodableReason.TooManyPixels, outcome.Reason);
        Assert.Contains("at most 65,535", outcome.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gif_is_as_large_as_its_canvas_whatever_its_first_frame_is()
    {
        var small = AnimatedGif.Draw(1, 40, 30);
        byte[] file = [.. small[..6], 0xFF, 0xFF, 0xFF, 0xFF, .. small[10..]];

        var outcome = Assert.IsType<DecodeOutcome.Undecodable>(await DecodeAsync(file));

        Assert.Equal((UndecodableReason.TooManyPixels, "gif"), (outcome.Reason, outcome.Format));
    }

    [Fact]
    public async Task A_heic_header_and_nothing_else_is_undecodable_with_or_without_a_decoder()
    {
        byte[] file = [0, 0, 0, 24, .. "ftypheic\0\0\0\0mif1heic"u8, .. new byte[64]];

        var outcome = Assert.IsType<DecodeOutcome.Undecodable>(await DecodeAsync(file));

        var isPresent = fixture.Pool.Formats.Contains("heic", StringComparer.Ordinal);
        Assert.Equal(
            (isPresent ? UndecodableReason.Corrupt : UndecodableReason.NoDecoder, "heic"), (outcome.Reason, outcome.Format));
    }

    [Fact]
    public async Task A_heic_is_read_where_the_system_has_a_decoder()
    {
        OptionalPart.Require(
            fixture.Pool.Formats.Contains("heic", StringComparer.Ordinal), "libheif with HEVC (apt-get install libheif1 libde265-0)");
        var file = await File.ReadAllBytesAsync(
            Path.Combine(AppContext.BaseDirectory, "vectors", "blocks.heic"), TestContext.Current.CancellationToken);
        var png = await fixture.Pool.EncodeAsync(
            Drawing.Blocks(1, 160, 120), 160, 120, "png", 90, TestContext.Current.CancellationToken);

        var picture = Assert.IsType<DecodeOutcome.Decoded>(await DecodeAsync(file)).Picture;
        var expected = Assert.IsType<DecodeOutcome.Decoded>(await DecodeAsync(png)).Picture;

        Assert.Equal(("heic", 160, 120), (picture.Format, picture.Width, picture.Height));
        Assert.InRange(picture.Frames[0].Full.Hash.DistanceTo(expected.Frames[0].Full.Hash), 0, 10);
        Assert.Equal(
            UndecodableReason.Corrupt, Assert.IsType<DecodeOutcome.Undecodable>(await DecodeAsync(file[..1_000])).Reason);
    }

    [Fact]
    public async Task A_file_over_the_limit_reaches_no_worker()
    {
        await using var pool = PoolFixture.New(PoolFixture.Options with { MaxFileBytes = 2_000, Workers = 1 });
        await pool.StartAsync(TestContext.Current.CancellationToken);

        var outcome = await pool.DecodeAsync(new byte[2_001], TestContext.Current.CancellationToken);

        Assert.Contains("2001", Assert.IsType<DecodeOutcome.Refused>(outcome).Detail, StringComparison.Ordinal);
    }

    private Task<DecodeOutcome> DecodeAsync(byte[] file) =>
        fixture.Pool.DecodeAsync(file, TestContext.Current.CancellationToken);
}
