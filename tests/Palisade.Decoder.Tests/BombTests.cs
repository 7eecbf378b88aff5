using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Palisade.Decoding;

namespace Palisade.Decoder.Tests;

/// <summary>
/// T2.2: sixteen files that are small to send and large to read. Each is answered, no worker holds more memory than it
/// may, and the next picture is read as ever.
/// </summary>
public sealed class BombTests
{
    private static readonly Dictionary<string, Func<DecoderPool, Task<byte[][]>>> Bombs = new(StringComparer.Ordinal)
    {
        ["PNG of 30,000 x 30,000"] = Made(() => new PngBuilder().Header(30_000, 30_000, 1, 0)
            .Chunk("IDAT", PngBuilder.DeflateZeros(30_000L * 3_751)).End()),
        ["PNG of 60,000 x 60,000"] = Made(() => new PngBuilder().Header(60_000, 60_000, 1, 0)
            .Chunk("IDAT", PngBuilder.DeflateZeros(60_000L * 7_501)).End()),
        ["PNG whose pixels unpack to 500 MB more than it has"] = Made(() => new PngBuilder().Header(64, 64, 8, 2)
            .Chunk("IDAT", PngBuilder.DeflateZeros(500_000_000)).End()),
        ["PNG whose text unpacks to 500 MB"] = Made(() => new PngBuilder().Header(64, 64, 8, 2)
            .Chunk("zTXt", [.. "Comment\0\0"u8, .. PngBuilder.DeflateZeros(500_000_000)]).Pixels(new byte[64 * 193]).End()),
        ["PNG whose colour profile unpacks to 500 MB"] = Made(() => new PngBuilder().Header(64, 64, 8, 2)
            .Chunk("iCCP", [.. "profile\0\0"u8, .. PngBuilder.DeflateZeros(500_000_000)]).Pixels(new byte[64 * 193]).End()),
        ["progressive JPEG of 36 million pixels and 100 scans"] = Made(() => JpegBuilder.Progressive(6_000, 6_000, 100)),
        ["progressive JPEG of 1,000 scans"] = Made(() => JpegBuilder.Progressive(1_000, 1_000, 1_000)),
        ["progressive JPEG of 65,500 x 65,500"] = Made(() => JpegBuilder.Progressive(65_500, 65_500, 1)[..100_000]),
        ["JPEG with a 16 MB colour profile"] = async pool => [JpegBuilder.With(
            await Drawing.EncodeAsync(pool, "jpeg"),
            Enumerable.Range(1, 255).Select(part => JpegBuilder.Segment(
                0xE2, [.. "ICC_PROFILE\0"u8, (byte)part, 255, .. new byte[65_000]])))],
        ["JPEG whose EXIF directories go round in a ring"] = async pool => [JpegBuilder.With(
            await Drawing.EncodeAsync(pool, "jpeg"),
            [JpegBuilder.Segment(0xE1, [.. "Exif\0\0MM\0*\0\0\0\b"u8, 0, 1, 0x87, 0x69, 0, 4, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 8])])],
        ["WebP with 30 MB of XMP"] = async pool => [Riff(
            [.. (await AnimatedWebp.DrawAsync(pool, 2))[8..], .. "XMP "u8, .. Little(30_000_000), .. new byte[30_000_000]])],
        ["GIF of a thousand frames"] = Made(() => AnimatedGif.Draw(1_000, 300, 200)),
        ["GIF of 65,535 x 65,535"] = Made(() => [.. AnimatedGif.Screen(65_535, 65_535), 0x2C, .. new byte[400]]),
        ["WebP of a thousand frames"] = async pool => [await AnimatedWebp.DrawAsync(pool, 1_000)],
        ["TIFF whose directories go round in a ring"] = async pool => [RingOf(await Drawing.EncodeAsync(pool, "tiff"))],
        ["AVIF of a hundred thousand boxes in each other"] = Made(() => HeifBuilder.Nested(100_000)),
        ["AVIF grid of 65,025 tiles"] = Made(() => HeifBuilder.Grid(65_280, 65_280)),
        ["every form cut short"] = CutShortAsync,
    };

    public static TheoryData<string> Names { get; } = new(Bombs.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_bomb_is_answered_within_time_and_memory(string name)
    {
        await using var pool = PoolFixture.New(PoolFixture.Options with { Workers = 1 });
        await pool.StartAsync(TestContext.Current.CancellationToken);
        var sound = await Drawing.EncodeAsync(pool, "png");

        foreach (var file in await Bombs[name](pool))
        {
            var outcome = await pool.DecodeAsync(file, TestContext.Current.CancellationToken);

            var peak = pool.ProcessIds.Select(WorkerMemory.PeakBytes).FirstOrDefault();
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name}: {file.Length >> 10} KiB, {peak >> 20} MiB, {Describe(outcome)}"));
            Assert.True(peak <= 512L << 20, $"The worker held {peak} bytes.");
            Assert.False(outcome is DecodeOutcome.Refused, "It was not even tried.");
        }

        Assert.IsType<DecodeOutcome.Decoded>(await pool.DecodeAsync(sound, TestContext.Current.CancellationToken));
    }

    private static string Describe(DecodeOutcome outcome) => outcome switch
    {
        DecodeOutcome.Decoded decoded => $"read, {decoded.Picture.Frames.Count} of {decoded.Picture.FrameCount} frames",
        DecodeOutcome.Undecodable undecodable => undecodable.Reason.ToString(),
        _ => "refused",
    };

    private static Func<DecoderPool, Task<byte[][]>> Made(Func<byte[]> make) => _ => Task.FromResult<byte[][]>([make()]);

    private static async Task<byte[][]> CutShortAsync(DecoderPool pool)
    {
        var cut = new List<byte[]>();
        foreach (var format in new[] { "jpeg", "png", "webp", "gif", "tiff", "avif" })
        {
            var file = await Drawing.EncodeAsync(pool, format, width: 300, height: 200);
            cut.AddRange([file[..40], file[..(file.Length / 2)], file[..^10]]);
        }

        return [.. cut];
    }

    private static byte[] Riff(byte[] content) => [.. "RIFF"u8, .. Little(content.Length), .. content];

    private static byte[] Little(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    /// <summary>Where the first directory's entries end, the next directory's place is the first's again.</summary>
    private static byte[] RingOf(byte[] tiff)
    {
        Assert.Equal("II*\0", Encoding.ASCII.GetString(tiff, 0, 4));
        var first = BinaryPrimitives.ReadInt32LittleEndian(tiff.AsSpan(4));
        var entries = BinaryPrimitives.ReadUInt16LittleEndian(tiff.AsSpan(first));
        BinaryPrimitives.WriteInt32LittleEndian(tiff.AsSpan(first + 2 + (12 * entries)), first);
        return tiff;
    }
}
