using Palisade.Decoder.Contract;
using Palisade.Decoding;
using Palisade.Testing;

namespace Palisade.Decoder.Tests;

/// <summary>A JPEG has the same fingerprints and the same fate with libjpeg-turbo and with libvips.</summary>
public sealed class JpegRouteTests(PoolFixture fixture) : IAsyncLifetime
{
    private static readonly Sampling Once = new(1, 1);

    private static readonly Dictionary<string, Sampling[]> Samplings = new(StringComparer.Ordinal)
    {
        ["grey"] = [Once],
        ["4:4:4"] = [Once, Once, Once],
        ["4:2:2"] = [new(2, 1), Once, Once],
        ["4:2:0"] = [new(2, 2), Once, Once],
        ["4:4:0"] = [new(1, 2), Once, Once],
        ["4:1:1"] = [new(4, 1), Once, Once],
        ["4:4:1"] = [new(1, 4), Once, Once],
        ["4:1:0"] = [new(4, 2), Once, Once],
        ["chroma of two kinds"] = [new(2, 2), new(2, 1), new(1, 2)],
        ["four inks"] = [Once, Once, Once, Once],
    };

    private readonly DecoderPool _vips = PoolFixture.New(PoolFixture.Options with { UseTurboJpeg = false, Workers = 1 });

    public static TheoryData<string> SamplingNames { get; } = new(Samplings.Keys);

    public async ValueTask InitializeAsync() => await _vips.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _vips.DisposeAsync();

    [Fact]
    public void The_pool_says_which_library_reads_jpegs()
    {
        Assert.Equal("libvips", _vips.JpegLibrary);
        RequireTurbo();
        Assert.Equal("libjpeg-turbo by TurboJPEG", fixture.Pool.JpegLibrary);
    }

    [Theory]
    [InlineData(SandboxLayers.Bubblewrap)]
    [InlineData(SandboxLayers.Landlock)]
    [InlineData(SandboxLayers.Seccomp)]
    [InlineData(SandboxLayers.All & ~SandboxLayers.Bubblewrap)]
    public async Task The_system_s_library_can_be_loaded_inside_every_layer(SandboxLayers layers)
    {
        RequireTurbo();
        await using var pool = PoolFixture.New(PoolFixture.Options with
        {
            Workers = 1,
            Layers = layers,
            Sandbox = SandboxRequirement.AllowUnsandboxedDecodingOfUntrustedFiles,
        });

        await pool.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(fixture.Pool.JpegLibrary, pool.JpegLibrary);
    }

    [Theory]
    [MemberData(nameof(SamplingNames))]
    public async Task Both_libraries_give_the_same_fingerprints_for_every_sampling(string sampling)
    {
        RequireTurbo();
        (int Width, int Height)[] sizes = [(1, 1), (5, 7), (17, 33), (127, 129), (640, 359), (515, 1_027)];

        foreach (var (width, height) in sizes)
        {
            foreach (var restarts in new[] { 0, 3 })
            {
                await AssertReadAlikeAsync($"{width} x {height}, restart {restarts}", Noise().Baseline());
                await AssertReadAlikeAsync($"progressive {width} x {height}, restart {restarts}", Noise().Progressive());

                NoiseJpeg Noise() =>
                    new(width + restarts, width, height, Samplings[sampling]) { RestartInterval = restarts };
            }
        }
    }

    [Fact]
    public async Task Rgb_without_a_colour_transform_is_the_same_too()
    {
        RequireTurbo();

        await AssertReadAlikeAsync("RGB", new NoiseJpeg(9, 200, 150, Once, Once, Once) { AdobeTransform = 0 }.Baseline());
        await AssertReadAlikeAsync("CMYK", new NoiseJpeg(9, 200, 150, Once, Once, Once, Once) { AdobeTransform = 0 }.Baseline());
        await AssertReadAlikeAsync("YCCK", new NoiseJpeg(9, 200, 150, Once, Once, Once, Once) { AdobeTransform = 2 }.Baseline());
    }

    [Fact]
    public async Task Every_published_jpeg_has_the_same_fingerprints_with_both()
    {
        RequireTurbo();

        var paths = Directory.GetFiles(Path.Combine(Conformance.Folder("pdq"), "photos"), "*.jp*g");
        Assert.NotEmpty(paths);
        foreach (var path in paths)
        {
            var file = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
            await AssertReadAlikeAsync(Path.GetFileName(path), file);
        }
    }

    [Fact]
    public async Task A_picture_too_large_to_be_held_whole_is_streamed_to_the_same_fingerprints()
    {
        RequireTurbo();
        var file = await Drawing.EncodeAsync(fixture.Pool, "jpeg", width: 4_010, height: 4_000);

        await AssertReadAlikeAsync("16.04 million pixels", file);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_jpeg_cut_short_is_corrupt_with_both(bool isProgressive)
    {
        RequireTurbo();
        var picture = new NoiseJpeg(5, 300, 200, new(2, 2), Once, Once);
        var file = isProgressive ? picture.Progressive() : picture.Baseline();

        for (var cut = 1; cut < 40; cut++)
        {
            var length = file.Length * cut / 40;
            var outcome = await AssertSameAsync($"the first {length} bytes", file[..length]);
            Assert.Equal(UndecodableReason.Corrupt, Assert.IsType<DecodeOutcome.Undecodable>(outcome).Reason);
        }

        await AssertSameAsync("no end marker", file[..^2]);
    }

    [Fact]
    public async Task A_thousand_damaged_jpegs_fare_the_same_with_both()
    {
        RequireTurbo();
        byte[][] files =
        [
            new NoiseJpeg(1, 64, 48, new(2, 2), Once, Once).Baseline(),
            new NoiseJpeg(2, 64, 48, new(2, 1), Once, Once) { RestartInterval = 2 }.Baseline(),
            new NoiseJpeg(3, 64, 48, new(2, 2), Once, Once).Progressive(),
            await Drawing.EncodeAsync(fixture.Pool, "jpeg", width: 64, height: 48),
        ];
        var decoded = 0;

        for (var seed = 1; seed <= 1_000; seed++)
        {
            var outcome = await AssertSameAsync($"seed {seed}", Mutation.Of(files[seed % 4], files[(seed + 1) % 4], seed));
            decoded += outcome is DecodeOutcome.Decoded ? 1 : 0;
        }

        Assert.InRange(decoded, 50, 950);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Exif_orientation_is_read_in_both_byte_orders(bool isBigEndian)
    {
        var file = new NoiseJpeg(1, 64, 48, Once).Baseline();

        for (byte orientation = 1; orientation <= 8; orientation++)
        {
            var turned = JpegBuilder.With(file, [JpegBuilder.Orientation(orientation, isBigEndian)]);
            var outcome = await fixture.Pool.DecodeAsync(turned, TestContext.Current.CancellationToken);
            Assert.Equal(orientation, Assert.IsType<DecodeOutcome.Decoded>(outcome).Picture.ExifOrientation);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("MM\0*")]
    [InlineData("MM\0*\u00ff\u00ff\u00ff\u00ff")]
    [InlineData("MM\0*\0\0\0\b")]
    [InlineData("MM\0*\0\0\0\b\0\u0001")]
    [InlineData("MM\0*\0\0\0\b\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0\u0009\0\0")]
    [InlineData("MM\0*\0\0\0\b\0\u0001\u0001\u0012\0\u0004\0\0\0\u0001\0\u0006\0\0")]
    public async Task Exif_that_makes_no_sense_turns_nothing(string tiff)
    {
        var exif = JpegBuilder.Segment(0xE1, [.. "Exif\0\0"u8, .. System.Text.Encoding.Latin1.GetBytes(tiff)]);
        var file = JpegBuilder.With(new NoiseJpeg(1, 64, 48, Once).Baseline(), [exif]);

        var outcome = await AssertSameAsync("nonsense", file);

        Assert.Equal(1, Assert.IsType<DecodeOutcome.Decoded>(outcome).Picture.ExifOrientation);
    }

    private void RequireTurbo() => OptionalPart.Require(
        fixture.Pool.JpegLibrary.StartsWith("libjpeg-turbo", StringComparison.Ordinal),
        "libjpeg-turbo (apt-get install libturbojpeg0)");

    private async Task AssertReadAlikeAsync(string what, byte[] file)
    {
        var outcome = await AssertSameAsync(what, file);
        Assert.True(outcome is DecodeOutcome.Decoded, $"{what}: {outcome}");
    }

    private async Task<DecodeOutcome> AssertSameAsync(string what, byte[] file)
    {
        var turbo = await fixture.Pool.DecodeAsync(file, TestContext.Current.CancellationToken);
        var vips = await _vips.DecodeAsync(file, TestContext.Current.CancellationToken);
        if (turbo is not DecodeOutcome.Decoded { Picture: var one } ||
            vips is not DecodeOutcome.Decoded { Picture: var other })
        {
            Assert.True(turbo == vips, $"{what}: {turbo} and {vips}");
            return turbo;
        }

        var areAlike = one.Frames.SequenceEqual(other.Frames) && one with { Frames = other.Frames } == other;
        Assert.True(areAlike, $"{what}: {one} and {other}");
        return turbo;
    }
}
