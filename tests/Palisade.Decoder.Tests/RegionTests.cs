using Palisade.Decoder.Contract;
using Palisade.Decoding;
using Palisade.Signals.Regions;

namespace Palisade.Decoder.Tests;

public sealed class RegionTests(PoolFixture fixture)
{
    private const int Width = 480;
    private const int Height = 360;

    private static readonly byte[] Rgb = Draw();

    [Theory]
    [InlineData("png")]
    [InlineData("tiff")]
    public async Task A_worker_computes_the_codes_that_the_library_computes(string form)
    {
        var extractor = new RegionExtractor();
        extractor.Begin(Width, Height);
        extractor.AddRgbRows(Rgb);
        extractor.Finish(exifOrientation: 1);

        var regions = await FindAsync(await EncodeAsync(form), RegionParts.All);

        Assert.Equal(extractor.Enrol()!.Bytes.ToArray(), regions.Codes!.Bytes.ToArray());
        Assert.Equal(extractor.Enrol(RegionCodes.DensePoints)!.Bytes.ToArray(), regions.DenseCodes!.Bytes.ToArray());
        Assert.Equal(extractor.DrawMap().Bytes.ToArray(), regions.Map!.Bytes.ToArray());
        Assert.Equal(extractor.Query().ToBytes(), regions.Query!.ToBytes());
        Assert.Equal(extractor.CopyPicture().ToBytes(), regions.Picture!.ToBytes());
        Assert.Equal(extractor.CopyWhole().ToBytes(), regions.Whole!.ToBytes());
    }

    [Theory]
    [InlineData("jpeg")]
    [InlineData("webp")]
    [InlineData("gif")]
    [InlineData("avif")]
    public async Task Every_form_has_regions(string form)
    {
        var regions = await FindAsync(await EncodeAsync(form), RegionParts.Codes);

        Assert.Equal(RegionCodes.DefaultPoints, regions.Codes!.Count);
        Assert.Null(regions.Query);
    }

    [Fact]
    public async Task A_plain_picture_has_no_codes_and_that_is_no_failure()
    {
        var token = TestContext.Current.CancellationToken;
        var plain = Enumerable.Repeat((byte)90, 200 * 100 * 3).ToArray();
        var file = await fixture.Pool.EncodeAsync(plain, 200, 100, "png", 1, token);

        var regions = await FindAsync(file, RegionParts.Codes | RegionParts.Query);

        Assert.Null(regions.Codes);
        Assert.Equal(0, regions.Query!.Count);
    }

    [Fact]
    public async Task What_is_no_picture_is_unread_as_a_scan_says()
    {
        var token = TestContext.Current.CancellationToken;

        var empty = Assert.IsType<RegionOutcome.Unread>(await fixture.Pool.FindRegionsAsync(Array.Empty<byte>(), RegionParts.Query, token));
        var text = Assert.IsType<RegionOutcome.Unread>(await fixture.Pool.FindRegionsAsync("hello, world"u8.ToArray(), RegionParts.Query, token));
        var half = Assert.IsType<RegionOutcome.Unread>(
            await fixture.Pool.FindRegionsAsync((await EncodeAsync("png")).AsMemory(0, 5000), RegionParts.Query, token));

        Assert.Equal(UndecodableReason.Empty, Assert.IsType<DecodeOutcome.Undecodable>(empty.Why).Reason);
        Assert.IsType<DecodeOutcome.Refused>(text.Why);
        Assert.Equal(UndecodableReason.Corrupt, Assert.IsType<DecodeOutcome.Undecodable>(half.Why).Reason);
    }

    [Fact]
    public void An_answer_that_was_cut_lengthened_or_asked_otherwise_is_none()
    {
        var extractor = new RegionExtractor();
        extractor.Begin(Width, Height);
        extractor.AddRgbRows(Rgb);
        extractor.Finish(exifOrientation: 1);
        const RegionParts parts = RegionParts.Codes | RegionParts.Map | RegionParts.Query;
        var answer = new RegionAnswer { Codes = extractor.Enrol(), Map = extractor.DrawMap(), Query = extractor.Query() };
        var bytes = answer.ToBytes(parts);

        Assert.NotNull(RegionAnswer.TryRead(bytes, parts));
        Assert.Null(RegionAnswer.TryRead([.. bytes, 0], parts));
        Assert.Null(RegionAnswer.TryRead(bytes, RegionParts.Codes | RegionParts.Map));
        Assert.Null(RegionAnswer.TryRead(bytes, RegionParts.All));
        for (var length = 0; length < bytes.Length; length += 41)
        {
            Assert.Null(RegionAnswer.TryRead(bytes.AsSpan(0, length), parts));
        }
    }

    [Fact]
    public void A_query_with_an_impossible_number_is_none()
    {
        var extractor = new RegionExtractor();
        extractor.Begin(Width, Height);
        extractor.AddRgbRows(Rgb);
        extractor.Finish(exifOrientation: 1);
        var bytes = extractor.Query().ToBytes();
        const int firstPoint = 32;

        foreach (var (at, value) in new[] { (0, float.NaN), (0, 1e9f), (4, -40f), (8, 0f), (8, float.PositiveInfinity), (12, 40f) })
        {
            var changed = (byte[])bytes.Clone();
            BitConverter.TryWriteBytes(changed.AsSpan(firstPoint + at), value);

            Assert.Null(RegionQuery.TryRead(changed));
        }

        bytes[firstPoint + 23] |= 0x80;
        Assert.Null(RegionQuery.TryRead(bytes));
    }

    private async Task<RegionAnswer> FindAsync(byte[] file, RegionParts parts) =>
        Assert.IsType<RegionOutcome.Found>(
            await fixture.Pool.FindRegionsAsync(file, parts, TestContext.Current.CancellationToken)).Regions;

    private Task<byte[]> EncodeAsync(string form) =>
        fixture.Pool.EncodeAsync(Rgb, Width, Height, form, 90, TestContext.Current.CancellationToken);

    /// <summary>Discs of all sizes, shades and tints.</summary>
    private static byte[] Draw()
    {
        var rgb = new byte[Width * Height * 3];
        var state = 7u;
        for (var disc = 0; disc < 300; disc++)
        {
            var (x, y, radius) = (Next(Width), Next(Height), 4 + Next(28));
            var (red, green, blue) = ((byte)Next(256), (byte)Next(256), (byte)Next(256));
            for (var row = Math.Max(0, y - radius); row < Math.Min(Height, y + radius); row++)
            {
                for (var column = Math.Max(0, x - radius); column < Math.Min(Width, x + radius); column++)
                {
                    if (((column - x) * (column - x)) + ((row - y) * (row - y)) < radius * radius)
                    {
                        var at = ((row * Width) + column) * 3;
                        (rgb[at], rgb[at + 1], rgb[at + 2]) = (red, green, blue);
                    }
                }
            }
        }

        return rgb;

        int Next(int below)
        {
            state = (state * 1664525) + 1013904223;
            return (int)((state >> 8) % (uint)below);
        }
    }
}
