using System.Diagnostics;
using System.Globalization;
using Palisade.Decoder.Contract;
using Palisade.Decoding;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Tests;

public sealed class PoolTests(PoolFixture fixture)
{
    [Fact]
    public async Task A_pool_does_not_start_where_nothing_confines_its_workers()
    {
        await using var pool = PoolFixture.New(PoolFixture.Options with { Layers = SandboxLayers.Rlimits });

        var refusal = await Assert.ThrowsAsync<SandboxUnavailableException>(
            () => pool.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("AllowUnsandboxedDecodingOfUntrustedFiles", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_starts_unconfined_only_where_a_setting_gives_the_protection_up()
    {
        await using var pool = PoolFixture.New(PoolFixture.Options with
        {
            Layers = SandboxLayers.None,
            Sandbox = SandboxRequirement.AllowUnsandboxedDecodingOfUntrustedFiles,
        });

        await pool.StartAsync(TestContext.Current.CancellationToken);

        Assert.False(pool.Sandbox.IsConfined);
        Assert.All(pool.Sandbox.Layers, layer => Assert.NotNull(layer.WhyNot));
    }

    [Fact]
    public async Task A_missing_program_is_named_with_what_to_do()
    {
        await using var pool = PoolFixture.New(PoolFixture.Options with { ProgramFolder = "/nowhere" });

        var refusal = await Assert.ThrowsAsync<SandboxUnavailableException>(
            () => pool.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("/nowhere/palisade-decoder", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_out_of_bounds_says_what_to_write()
    {
        var refusal = Assert.Throws<ArgumentException>(() => new DecoderOptions { Workers = 0 }.Checked());

        Assert.Contains("Workers is 0; write a value from 1 to 256", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Workers_killed_in_the_middle_are_replaced_and_the_service_goes_on()
    {
        await using var pool = PoolFixture.New(PoolFixture.Options);
        await pool.StartAsync(TestContext.Current.CancellationToken);
        var file = await Drawing.EncodeAsync(pool, "avif", width: 1_000, height: 800);
        var expected = await HashAsync(pool, file);

        for (var round = 0; round < 5; round++)
        {
            var running = Enumerable.Range(0, 6)
                .Select(_ => pool.DecodeAsync(file, TestContext.Current.CancellationToken)).ToList();
            foreach (var id in pool.ProcessIds)
            {
                using var worker = Process.GetProcessById(id);
                worker.Kill();
            }

            foreach (var outcome in await Task.WhenAll(running))
            {
                Assert.True(outcome is DecodeOutcome.Decoded or
                    DecodeOutcome.Undecodable { Reason: UndecodableReason.WorkerCrashed }, outcome.ToString());
            }
        }

        Assert.Equal(expected, await HashAsync(pool, file));
        Assert.True(pool.DeathsBy(WorkerDeath.Crashed) > 0);
    }

    [Fact]
    public async Task A_worker_is_replaced_after_its_number_of_files_and_a_bad_file_is_no_reason()
    {
        await using var pool = PoolFixture.New(PoolFixture.Options with { Workers = 1, FilesPerWorker = 3 });
        await pool.StartAsync(TestContext.Current.CancellationToken);
        var first = Assert.Single(pool.ProcessIds);
        byte[] broken = [0xFF, 0xD8, 0xFF, 0xE0, 0, 0];

        await pool.DecodeAsync(broken, TestContext.Current.CancellationToken);
        await pool.DecodeAsync(broken, TestContext.Current.CancellationToken);
        Assert.Equal([first], pool.ProcessIds);
        await pool.DecodeAsync(broken, TestContext.Current.CancellationToken);
        await pool.DecodeAsync(broken, TestContext.Current.CancellationToken);

        Assert.NotEqual([first], pool.ProcessIds);
        Assert.Equal(0, Enum.GetValues<WorkerDeath>().Sum(pool.DeathsBy));
    }

    [Fact]
    public async Task The_next_worker_is_started_while_the_present_one_still_works()
    {
        await using var busy = PoolFixture.New(PoolFixture.Options with { Workers = 1, FilesPerWorker = 10 });
        await busy.StartAsync(TestContext.Current.CancellationToken);
        var file = await Drawing.EncodeAsync(fixture.Pool, "jpeg");

        var outcomes = new List<DecodeOutcome>();
        for (var count = 0; count < 60; count++)
        {
            outcomes.Add(await busy.DecodeAsync(file, TestContext.Current.CancellationToken));
        }

        Assert.All(outcomes, outcome => Assert.IsType<DecodeOutcome.Decoded>(outcome));
        Assert.Equal(0, Enum.GetValues<WorkerDeath>().Sum(busy.DeathsBy));
        Assert.True(busy.StartedAhead > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_profile_that_is_not_asked_for_is_not_answered_and_the_other_is_the_same(bool wantsBoth)
    {
        var file = await Drawing.EncodeAsync(fixture.Pool, "jpeg", width: 800, height: 600);

        var both = Assert.IsType<DecodeOutcome.Decoded>(
            await fixture.Pool.DecodeAsync(file, TestContext.Current.CancellationToken)).Picture.Frames[0];
        var asked = Assert.IsType<DecodeOutcome.Decoded>(
            await fixture.Pool.DecodeAsync(
                file,
                wantsBoth ? [PdqProfile.Full, PdqProfile.Nn512] : [PdqProfile.Full],
                TestContext.Current.CancellationToken)).Picture.Frames[0];

        Assert.Equal(both.Full, asked.Full);
        Assert.Equal(wantsBoth ? both.Nn512 : null, asked.Nn512);
        Assert.NotEqual(both.Full, both.Nn512);
    }

    [Fact]
    public async Task A_full_queue_is_said_so_and_is_no_verdict()
    {
        using var worker = new FakeWorker("/bin/cat > /dev/null", []);
        await using var pool = await worker.StartPoolAsync(TimeProvider.System, queueLength: 1);

        var accepted = new List<Task<DecodeOutcome>>();
        await Assert.ThrowsAsync<DecoderBusyException>(async () =>
        {
            while (accepted.Count < 3)
            {
                var asked = pool.DecodeAsync(new byte[3], TestContext.Current.CancellationToken);
                if (asked.IsFaulted)
                {
                    await asked;
                }

                accepted.Add(asked);
            }
        });

        Assert.All(await Task.WhenAll(accepted), outcome => Assert.IsType<DecodeOutcome.Undecodable>(outcome));
    }

    [Fact]
    public async Task An_asker_who_gives_up_leaves_the_worker_fit_for_the_next()
    {
        var file = await Drawing.EncodeAsync(fixture.Pool, "jpeg");
        using var gaveUp = new CancellationTokenSource();
        var asked = fixture.Pool.DecodeAsync(file, gaveUp.Token);
        await gaveUp.CancelAsync();

        var outcome = await fixture.Pool.DecodeAsync(file, TestContext.Current.CancellationToken);

        Assert.IsType<DecodeOutcome.Decoded>(outcome);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Fact]
    public void Nothing_of_the_service_s_environment_reaches_a_worker()
    {
        var start = WorkerLaunch.Command(PoolFixture.Options, bubblewrap: null);

        Assert.All(start.Environment.Keys, name => Assert.Matches("^(DOTNET_|VIPS_|MALLOC_|LANG)", name));
    }

    [Fact]
    public async Task A_worker_at_rest_is_small()
    {
        await using var pool = PoolFixture.New(PoolFixture.Options with { Workers = 1 });
        await pool.StartAsync(TestContext.Current.CancellationToken);

        var bytes = WorkerMemory.NowBytes(Assert.Single(pool.ProcessIds));

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB"));
        Assert.InRange(bytes, 1, 150L << 20);
    }

    private static async Task<object> HashAsync(DecoderPool pool, byte[] file)
    {
        var outcome = await pool.DecodeAsync(file, TestContext.Current.CancellationToken);
        return Assert.IsType<DecodeOutcome.Decoded>(outcome).Picture.Frames[0].Full;
    }
}
