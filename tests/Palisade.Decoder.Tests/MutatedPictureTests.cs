using System.Globalization;
using Palisade.Decoding;
using Palisade.Signals.Pdq;
using Palisade.Testing;

namespace Palisade.Decoder.Tests;

/// <summary>
/// T2.1: small damaged pictures in each form. <c>PALISADE_MUTATIONS</c> sets how many a form (default 10,000);
/// <c>tests/Fuzz/mutate.sh</c> runs a million.
/// </summary>
public sealed class MutatedPictureTests
{
    private const int FirstSeed = 20_270_301;

    private static readonly int Mutations = int.Parse(
        Environment.GetEnvironmentVariable("PALISADE_MUTATIONS") ?? "10000", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("jpeg")]
    [InlineData("png")]
    [InlineData("webp")]
    [InlineData("gif")]
    [InlineData("tiff")]
    [InlineData("avif")]
    [InlineData("heic")]
    public async Task Damaged_pictures_never_trouble_the_service(string format)
    {
        await using var pool = PoolFixture.New(PoolFixture.Options);
        await pool.StartAsync(TestContext.Current.CancellationToken);
        var originals = new List<byte[]>();
        for (var seed = 1; seed <= 8; seed++)
        {
            originals.Add(format == "heic"
                ? await HeicAsync(pool)
                : await Drawing.EncodeAsync(pool, format, seed, width: 8 * seed, height: 72 - (8 * seed)));
        }

        var before = await HashesAsync(pool, originals);

        await Parallel.ForEachAsync(
            Enumerable.Range(FirstSeed, Mutations),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken },
            async (seed, cancellationToken) =>
            {
                var mutated = Mutation.Of(originals[seed % 8], originals[(seed + 1) % 8], seed);
                var outcome = await pool.DecodeAsync(mutated, cancellationToken);
                if (outcome is DecodeOutcome.Undecodable
                    { Reason: UndecodableReason.WorkerCrashed or UndecodableReason.TimedOut or UndecodableReason.MalformedAnswer })
                {
                    KeepAsSeed(format, seed, mutated);
                }
            });

        var deaths = Enum.GetValues<WorkerDeath>().Sum(pool.DeathsBy);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{format}: first seed {FirstSeed}, {pool.Decoded} read, {pool.Undecodable} undecodable, {pool.Refused} refused, {deaths} workers died");
        Assert.Equal(Mutations + originals.Count, (int)(pool.Decoded + pool.Undecodable + pool.Refused));
        Assert.All(pool.ProcessIds, id => Assert.InRange(WorkerMemory.PeakBytes(id), 1, PoolFixture.Options.MaxWorkerMemoryBytes));
        Assert.Equal(before, await HashesAsync(pool, originals));
    }

    /// <summary>Nothing here can write HEIC, so that there is only one.</summary>
    private static Task<byte[]> HeicAsync(DecoderPool pool)
    {
        OptionalPart.Require(
            pool.Formats.Contains("heic", StringComparer.Ordinal),
            "libheif with HEVC (apt-get install libheif1 libde265-0)");
        return File.ReadAllBytesAsync(
            Path.Combine(AppContext.BaseDirectory, "vectors", "blocks.heic"), TestContext.Current.CancellationToken);
    }

    private static async Task<List<PdqHash>> HashesAsync(DecoderPool pool, IEnumerable<byte[]> files)
    {
        var hashes = new List<PdqHash>();
        foreach (var file in files)
        {
            var outcome = await pool.DecodeAsync(file, TestContext.Current.CancellationToken);
            hashes.Add(Assert.IsType<DecodeOutcome.Decoded>(outcome).Picture.Frames[0].Full.Hash);
        }

        return hashes;
    }

    private static void KeepAsSeed(string format, int seed, byte[] mutated)
    {
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "worker-deaths"));
        File.WriteAllBytes(Path.Combine(folder.FullName, string.Create(CultureInfo.InvariantCulture, $"{format}-{seed}")), mutated);
    }
}
