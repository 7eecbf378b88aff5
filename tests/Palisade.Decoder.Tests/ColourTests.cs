using Palisade.Decoding;

namespace Palisade.Decoder.Tests;

/// <summary>The same scene in every way a PNG can hold it, by the conventions of the field's reference.</summary>
public sealed class ColourTests(PoolFixture fixture)
{
    private const int Width = 120;
    private const int Height = 96;

    private static readonly byte[] Scene = Drawing.Rgb(3, Width, Height);

    [Fact]
    public async Task Alpha_is_dropped_and_not_blended() =>
        await AssertSameAsync(Rgb(), Png(8, 6, i => [Scene[3 * i], Scene[(3 * i) + 1], Scene[(3 * i) + 2], (byte)(i * 31)]));

    [Fact]
    public async Task Alpha_of_a_grey_picture_is_dropped_too() =>
        await AssertSameAsync(Png(8, 0, i => [Scene[3 * i]]), Png(8, 4, i => [Scene[3 * i], (byte)(i * 31)]));

    [Fact]
    public async Task Grey_is_the_same_as_three_equal_channels() =>
        await AssertSameAsync(
            Png(8, 0, i => [Scene[3 * i]]), Png(8, 2, i => [Scene[3 * i], Scene[3 * i], Scene[3 * i]]));

    [Fact]
    public async Task Of_16_bit_colour_the_high_byte_counts() =>
        await AssertSameAsync(
            Rgb(), Png(16, 2, i => [Scene[3 * i], 7, Scene[(3 * i) + 1], 99, Scene[(3 * i) + 2], 200]));

    [Fact]
    public async Task Grey_of_16_bits_saturates_at_255() =>
        await AssertSameAsync(
            Png(8, 0, i => [Scene[3 * i] > 127 ? (byte)255 : Scene[3 * i]]),
            Png(16, 0, i => Scene[3 * i] > 127 ? [Scene[3 * i], 0] : [0, Scene[3 * i]]));

    [Fact]
    public async Task A_palette_is_looked_up()
    {
        var palette = Enumerable.Range(0, 256).SelectMany(i => new[] { (byte)(255 - i), (byte)i, (byte)(i * 3) }).ToArray();
        var indexed = new PngBuilder().Header(Width, Height, 8, 3).Chunk("PLTE", palette)
            .Pixels(Rows(i => [Scene[3 * i]])).End();

        await AssertSameAsync(Png(8, 2, i => palette[(Scene[3 * i] * 3)..][..3]), indexed);
    }

    [Fact]
    public async Task Exif_orientation_is_reported_and_not_applied()
    {
        var file = await Drawing.EncodeAsync(fixture.Pool, "jpeg", width: 200, height: 100);

        var plain = await DecodeAsync(file);
        var turned = await DecodeAsync(JpegBuilder.With(file, [JpegBuilder.Orientation(6)]));

        Assert.Equal((200, 100, 6), (turned.Width, turned.Height, turned.ExifOrientation));
        Assert.Equal(1, plain.ExifOrientation);
        Assert.Equal(plain.Frames[0].Full, turned.Frames[0].Full);
    }

    private static byte[] Rgb() => Png(8, 2, i => Scene[(3 * i)..][..3]);

    private static byte[] Png(byte depth, byte colour, Func<int, byte[]> pixel) =>
        new PngBuilder().Header(Width, Height, depth, colour).Pixels(Rows(pixel)).End();

    private static byte[] Rows(Func<int, byte[]> pixel) =>
    [
        .. Enumerable.Range(0, Height).SelectMany(
            y => Enumerable.Range(0, Width).SelectMany(x => pixel((y * Width) + x)).Prepend((byte)0)),
    ];

    private async Task AssertSameAsync(byte[] expected, byte[] actual)
    {
        var first = (await DecodeAsync(expected)).Frames[0].Full;
        var second = (await DecodeAsync(actual)).Frames[0].Full;

        Assert.True(first.Quality > 20, $"A scene of quality {first.Quality} proves nothing.");
        Assert.Equal(first.Hash, second.Hash);
        Assert.Equal(first.Quality, second.Quality);
    }

    private async Task<PictureFacts> DecodeAsync(byte[] file)
    {
        var outcome = await fixture.Pool.DecodeAsync(file, TestContext.Current.CancellationToken);
        return Assert.IsType<DecodeOutcome.Decoded>(outcome).Picture;
    }
}
