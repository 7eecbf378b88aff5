using System.Runtime.InteropServices;
using Palisade.Decoder.Contract;
using Palisade.Decoding;
using Palisade.Testing;

namespace Palisade.Decoder.Tests;

/// <summary>How workers end, and what they hold while they live.</summary>
/// <remarks>Not beside other tests, whose workers would inherit the descriptors that these leave open.</remarks>
[Collection(nameof(WorkerLifeTests))]
[CollectionDefinition(nameof(WorkerLifeTests), DisableParallelization = true)]
public sealed partial class WorkerLifeTests
{
    private const int PidfdOpen = 434;

    [Fact(Timeout = 300_000)]
    public async Task A_worker_that_spins_is_ended_by_its_processor_time()
    {
        using var worker = new FakeWorker("/usr/bin/head -c 24 > /dev/null\nwhile :; do :; done", []);
        await using var pool = await worker.StartPoolAsync(TimeProvider.System, change: options => options with
        {
            MaxWallTime = TimeSpan.FromMinutes(10),
            MaxProcessorTime = TimeSpan.FromSeconds(1),
        });

        var outcome = await pool.DecodeAsync(new byte[3], TestContext.Current.CancellationToken);

        Assert.Equal(UndecodableReason.TimedOut, Assert.IsType<DecodeOutcome.Undecodable>(outcome).Reason);
        Assert.Equal(1, pool.DeathsBy(WorkerDeath.TimedOut));
    }

    [Fact(Timeout = 300_000)]
    public async Task When_the_service_is_killed_its_workers_end_with_it()
    {
        using var service = PoolProcess.Start(DecoderProgram.Folder);
        Assert.Equal(
            PoolProcess.Ready, await service.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        var workers = WorkerUsage.Tree(service.Id).Skip(1).ToList();
        var descriptors = workers.Select(id => (int)Call(PidfdOpen, id)).ToList();
        Assert.True(workers.Count >= 2);
        Assert.All(descriptors, descriptor => Assert.True(descriptor >= 0));

        service.Kill();

        Assert.All(descriptors, descriptor => Assert.True(EndsWithin(descriptor, TimeSpan.FromMinutes(1))));
        Assert.All(descriptors, Close);
    }

    [Fact]
    public async Task A_worker_holds_no_descriptor_that_the_service_inherited()
    {
        var ends = new int[2];
        Assert.Equal(0, Pipe(ends));
        await using var pool = PoolFixture.New(
            PoolFixture.Options with { Workers = 1, Layers = SandboxLayers.All & ~SandboxLayers.Bubblewrap });
        await pool.StartAsync(TestContext.Current.CancellationToken);

        // The reading end sees the pipe's end only when nobody else has the writing end.
        Close(ends[1]);
        var isEndSeen = EndsWithin(ends[0], TimeSpan.Zero);

        Close(ends[0]);
        Assert.True(isEndSeen);
    }

    [Fact]
    public async Task Descriptors_of_ended_workers_are_given_back()
    {
        await using var pool = PoolFixture.New(PoolFixture.Options with { Workers = 1, FilesPerWorker = 1 });
        await pool.StartAsync(TestContext.Current.CancellationToken);
        byte[] broken = [0xFF, 0xD8, 0xFF, 0xE0, 0, 0];
        var pipes = CountPipes();

        for (var i = 0; i < 20; i++)
        {
            await pool.DecodeAsync(broken, TestContext.Current.CancellationToken);
        }

        // Other tests start and end workers meanwhile, but not twenty times three pipes.
        Assert.InRange(CountPipes() - pipes, -1_000, 40);
    }

    [Fact]
    public async Task A_picture_in_hand_when_the_pool_closes_gets_no_verdict()
    {
        using var worker = new FakeWorker("/bin/cat > /dev/null", []);
        var pool = await worker.StartPoolAsync(TimeProvider.System, change: options => options with
        {
            MaxWallTime = TimeSpan.FromMinutes(10),
        });
        var first = pool.DecodeAsync(new byte[3], TestContext.Current.CancellationToken);
        var second = pool.DecodeAsync(new byte[3], TestContext.Current.CancellationToken);

        await pool.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => first);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => second);
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => pool.DecodeAsync(new byte[3], TestContext.Current.CancellationToken));
    }

    private static void Close(int descriptor) => Assert.Equal(0, CloseDescriptor(descriptor));

    private static int CountPipes() => Directory.EnumerateFiles("/proc/self/fd")
        .Count(path => new FileInfo(path).LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) == true);

    /// <summary>A process descriptor becomes readable, and a pipe hangs up, when it ends.</summary>
    private static bool EndsWithin(int descriptor, TimeSpan time)
    {
        const short readable = 1;
        const int interrupted = 4;
        var request = new PollRequest { Descriptor = descriptor, Events = readable };
        int ready;
        do
        {
            ready = Poll(ref request, 1, (int)time.TotalMilliseconds);
        }
        while (ready < 0 && Marshal.GetLastPInvokeError() == interrupted);

        return ready == 1;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial long Call(long number, nint a = 0, nint b = 0);

    [LibraryImport("libc", EntryPoint = "pipe")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Pipe([Out] int[] ends);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Poll(ref PollRequest request, ulong count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseDescriptor(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Results;
    }
}
