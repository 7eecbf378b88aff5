using System.Diagnostics;
using Palisade.Server.Bench;

namespace Palisade.Server.Tests.Bench;

public sealed class ProcessTreeTests
{
    [Fact]
    public async Task The_memory_and_time_of_what_a_process_started_count_as_its_own()
    {
        // A shell whose child has ended by the time it says so: 200,000 steps cost well over the clock's 10 ms.
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; echo done; read wait"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("done", await shell.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        var (seconds, memory) = (ProcessTree.ProcessorSeconds(shell.Id), ProcessTree.MemoryBytes(shell.Id));

        shell.StandardInput.Close();
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(seconds > 0);
        Assert.True(memory > 0);
    }
}
