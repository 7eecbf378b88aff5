using System.Diagnostics;
using Palisade.Server.Bench;

namespace Palisade.Server.Tests.Bench;

public sealed class ProcessTreeTests
{
    [Fact]
    public async Task What_a_process_started_counts_as_its_own()
    {
        // A shell and its child: the child counts to 400,000, which takes many of the clock's 10 ms, and waits to be let go.
        const string Child = "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done; echo done; read wait";
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", $"read go; sh -c '{Child}'; true"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await using var meter = ProcessorMeter.Start(shell.Id, TimeProvider.System);
        var alone = ProcessTree.MemoryBytes(shell.Id);
        await shell.StandardInput.WriteLineAsync("go");
        Assert.Equal("done", await shell.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        var (used, memory) = (await meter.StopAsync(), ProcessTree.MemoryBytes(shell.Id));

        shell.StandardInput.Close();
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(used.DescendantSeconds > used.OwnSeconds);
        Assert.True(memory > alone);
    }
}
