using System.Globalization;
using Palisade.Decoding;

namespace Palisade.Decoder.Tests;

/// <summary>The largest pictures that are held whole, in the memory that a worker has.</summary>
public sealed class MemoryTests
{
    [Theory]
    [InlineData("webp")]
    [InlineData("avif")]
    [InlineData("tiff")]
    public async Task A_picture_of_40_million_pixels_is_read_within_the_memory_of_a_worker(string format)
    {
        await using var pool = PoolFixture.New(
            PoolFixture.Options with { Workers = 1, MaxWallTime = TimeSpan.FromMinutes(5) });
        await pool.StartAsync(TestContext.Current.CancellationToken);
        var file = await DrawAsync(format, 8_000, 5_000);

        var outcome = await pool.DecodeAsync(file, TestContext.Current.CancellationToken);

        var peak = WorkerMemory.PeakBytes(Assert.Single(pool.ProcessIds));
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{format}: {peak >> 20} MiB, {outcome}"));

        Assert.IsType<DecodeOutcome.Decoded>(outcome);
        Assert.InRange(peak, 1, PoolFixture.Options.MaxWorkerMemoryBytes);
    }

    [Theory]
    [InlineData("webp")]
    [InlineData("avif")]
    public async Task A_picture_that_needs_more_memory_than_there_is_says_so_and_the_next_is_read(string format)
    {
        await using var pool = PoolFixture.New(PoolFixture.Options with
        {
            Workers = 1,
            MaxWallTime = TimeSpan.FromMinutes(5),
            MaxWorkerMemoryBytes = 256 << 20,
        });
        await pool.StartAsync(TestContext.Current.CancellationToken);
        var large = await DrawAsync(format, 8_000, 5_000);
        var small = await Drawing.EncodeAsync(pool, format);

        var outcome = await pool.DecodeAsync(large, TestContext.Current.CancellationToken);

        Assert.Equal(UndecodableReason.OutOfMemory, Assert.IsType<DecodeOutcome.Undecodable>(outcome).Reason);
        Assert.IsType<DecodeOutcome.Decoded>(await pool.DecodeAsync(small, TestContext.Current.CancellationToken));
    }

    private static async Task<byte[]> DrawAsync(string format, int width, int height)
    {
        await using var painter = PoolFixture.New(PoolFixture.Options with
        {
            Workers = 1,
            MaxFileBytes = 160 << 20,
            MaxWorkerMemoryBytes = 4L << 30,
            MaxWallTime = TimeSpan.FromMinutes(5),
            MaxProcessorTime = TimeSpan.FromMinutes(5),
        });
        await painter.StartAsync(TestContext.Current.CancellationToken);

        // Stripes cost little to draw and to encode.
        var rgb = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            rgb.AsSpan(y * width * 3, width * 3).Fill((byte)(y / 100 * 40));
        }

        return await painter.EncodeAsync(rgb, width, height, format, 50, TestContext.Current.CancellationToken);
    }
}
