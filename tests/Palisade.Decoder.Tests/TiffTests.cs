using Palisade.Decoding;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Tests;

/// <summary>The rarer samples that a TIFF can hold, against the same scene in plain 8 bits.</summary>
public sealed class TiffTests(PoolFixture fixture)
{
    private const int Width = 120;
    private const int Height = 96;

    private static readonly byte[] Scene = Drawing.Rgb(3, Width, Height);
    private static readonly byte[] Greys = [.. Scene.Where((_, i) => i % 3 == 0)];

    [Fact]
    public async Task Of_16_bit_colour_the_high_byte_counts()
    {
        var wide = Scene.SelectMany(value => new[] { (byte)(value * 7), value }).ToArray();

        await AssertSameAsync(Colour(Scene), Tiff(TiffBuilder.Colours, 3, 16, wide));
    }

    [Fact]
    public async Task Four_inks_become_colours_without_a_profile()
    {
        var inks = Scene.Chunk(3).SelectMany((rgb, i) =>
            new[] { (byte)(255 - rgb[0]), (byte)(255 - rgb[1]), (byte)(255 - rgb[2]), (byte)(i % 90) }).ToArray();
        var colours = Scene.Select((value, i) => (byte)(((value * (255 - (i / 3 % 90))) + 127) / 255)).ToArray();

        await AssertSameAsync(Colour(colours), Tiff(TiffBuilder.Inks, 4, 8, inks));
    }

    [Fact]
    public async Task Floating_samples_are_clipped_to_8_bits()
    {
        var floats = Greys.SelectMany(value => BitConverter.GetBytes(value > 250 ? 1e30f : value + 0.25f)).ToArray();
        var clipped = Greys.Select(value => value > 250 ? (byte)255 : value).ToArray();

        await AssertSameAsync(Grey(clipped), Float(floats));
    }

    [Fact]
    public async Task Lab_of_8_bits_is_beyond_libvips_and_left_to_a_person()
    {
        var lab = Greys.SelectMany(lightness => new byte[] { lightness, 0, 0 }).ToArray();

        var outcome = await fixture.Pool.DecodeAsync(
            Tiff(TiffBuilder.Lab, 3, 8, lab), TestContext.Current.CancellationToken);

        Assert.Equal(UndecodableReason.Corrupt, Assert.IsType<DecodeOutcome.Undecodable>(outcome).Reason);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public async Task Samples_that_are_no_numbers_do_no_harm(float sample)
    {
        var floats = Greys.SelectMany((value, i) => BitConverter.GetBytes(i % 7 == 0 ? sample : value)).ToArray();

        var first = await FingerprintAsync(Float(floats));
        var second = await FingerprintAsync(Float(floats));

        Assert.Equal(first, second);
        Assert.InRange(first.Quality, 0, 100);
    }

    private static byte[] Tiff(int photometric, int bands, int bits, byte[] samples) =>
        TiffBuilder.Write(Width, Height, photometric, bands, bits, samples);

    private static byte[] Colour(byte[] rgb) => Tiff(TiffBuilder.Colours, 3, 8, rgb);

    private static byte[] Grey(byte[] luma) => Tiff(TiffBuilder.BlackIsZero, 1, 8, luma);

    private static byte[] Float(byte[] samples) =>
        TiffBuilder.Write(Width, Height, TiffBuilder.BlackIsZero, 1, 32, samples, TiffBuilder.FloatingPoint);

    private async Task AssertSameAsync(byte[] expected, byte[] actual)
    {
        var fingerprint = await FingerprintAsync(expected);

        Assert.True(fingerprint.Quality > 20, $"A scene of quality {fingerprint.Quality} proves nothing.");
        Assert.Equal(fingerprint, await FingerprintAsync(actual));
    }

    private async Task<PdqFingerprint> FingerprintAsync(byte[] file)
    {
        var outcome = await fixture.Pool.DecodeAsync(file, TestContext.Current.CancellationToken);
        return Assert.IsType<DecodeOutcome.Decoded>(outcome).Picture.Frames[0].Full;
    }
}
