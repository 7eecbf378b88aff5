using Palisade.Decoding;
using Palisade.Testing;

namespace Palisade.Decoder.Tests;

/// <summary>What is too much for a worker is known from the header.</summary>
public sealed class CapTests(PoolFixture fixture)
{
    [Theory]
    [InlineData(160 * 120, false)]
    [InlineData((160 * 120) - 1, true)]
    [InlineData(20 * 15, true)]
    public async Task A_jpeg_above_its_cap_is_read_at_a_fraction_and_says_so(int cap, bool isApproximate)
    {
        await using var pool = await StartAsync(PoolFixture.Options with { MaxStreamedPixels = cap });
        var file = await Drawing.EncodeAsync(fixture.Pool, "jpeg", width: 160, height: 120);

        var picture = Assert.IsType<DecodeOutcome.Decoded>(await DecodeAsync(pool, file)).Picture;

        Assert.Equal((160, 120, isApproximate), (picture.Width, picture.Height, picture.Approximate));
    }

    [Fact]
    public async Task Half_size_moves_a_hash_by_no_more_than_the_field_allows()
    {
        await using var pool = await StartAsync(PoolFixture.Options with { MaxStreamedPixels = 500_000 });
        var file = await File.ReadAllBytesAsync(
            Path.Combine(Conformance.Folder("pdq"), "photos", "aaa-orig.jpg"), TestContext.Current.CancellationToken);

        var half = Assert.IsType<DecodeOutcome.Decoded>(await DecodeAsync(pool, file)).Picture;
        var whole = Assert.IsType<DecodeOutcome.Decoded>(await DecodeAsync(fixture.Pool, file)).Picture;

        Assert.True(half.Approximate);
        Assert.InRange(half.Frames[0].Full.Hash.DistanceTo(whole.Frames[0].Full.Hash), 0, 10);
    }

    [Fact]
    public async Task A_jpeg_above_its_cap_even_at_an_eighth_is_undecodable()
    {
        await using var pool = await StartAsync(PoolFixture.Options with { MaxStreamedPixels = (20 * 15) - 1 });
        var file = await Drawing.EncodeAsync(fixture.Pool, "jpeg", width: 160, height: 120);

        AssertTooManyPixels(await DecodeAsync(pool, file));
    }

    [Theory]
    [InlineData("webp")]
    [InlineData("gif")]
    [InlineData("tiff")]
    [InlineData("avif")]
    public async Task A_form_that_is_held_whole_has_the_smaller_cap(string format)
    {
        await using var pool = await StartAsync(PoolFixture.Options with { MaxBufferedPixels = (160 * 120) - 1 });
        var file = await Drawing.EncodeAsync(fixture.Pool, format, width: 160, height: 120);

        AssertTooManyPixels(await DecodeAsync(pool, file));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_png_streams_unless_it_is_interlaced(bool isInterlaced)
    {
        await using var pool = await StartAsync(PoolFixture.Options with { MaxBufferedPixels = 99 });
        var file = new PngBuilder().Header(10, 10, 8, 0, isInterlaced).Pixels(new byte[200]).End();

        var outcome = await DecodeAsync(pool, file);

        Assert.Equal(isInterlaced, outcome is DecodeOutcome.Undecodable { Reason: UndecodableReason.TooManyPixels });
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public async Task A_progressive_jpeg_may_have_a_hundred_scans(int scans, bool isRead)
    {
        var outcome = await DecodeAsync(fixture.Pool, JpegBuilder.Progressive(200, 200, scans));

        Assert.Equal(isRead, outcome is DecodeOutcome.Decoded);
        Assert.Equal(!isRead, outcome is DecodeOutcome.Undecodable { Reason: UndecodableReason.TooManyScans });
    }

    [Fact]
    public async Task A_baseline_jpeg_of_108_million_pixels_is_read_at_half_size()
    {
        var outcome = await DecodeAsync(fixture.Pool, JpegBuilder.Baseline(12_000, 9_000));

        var picture = Assert.IsType<DecodeOutcome.Decoded>(outcome).Picture;
        Assert.Equal((12_000, 9_000, true), (picture.Width, picture.Height, picture.Approximate));
    }

    private static async Task<DecoderPool> StartAsync(DecoderOptions options)
    {
        var pool = PoolFixture.New(options with { Workers = 1 });
        await pool.StartAsync(TestContext.Current.CancellationToken);
        return pool;
    }

    private static Task<DecodeOutcome> DecodeAsync(DecoderPool pool, byte[] file) =>
        pool.DecodeAsync(file, TestContext.Current.CancellationToken);

    private static void AssertTooManyPixels(DecodeOutcome outcome) =>
        Assert.Equal(UndecodableReason.TooManyPixels, Assert.IsType<DecodeOutcome.Undecodable>(outcome).Reason);
}
