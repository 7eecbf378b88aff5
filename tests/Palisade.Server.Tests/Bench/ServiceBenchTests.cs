using System.Text.Json;
using Palisade.Server.Tests.Cli;

namespace Palisade.Server.Tests.Bench;

public sealed class ServiceBenchTests
{
    [Fact]
    public async Task A_short_measurement_finds_every_verdict_right()
    {
        var ended = await PalisadeProgram.RunAsync(
            "bench", "service", "--signals", "2000", "--clients", "2", "--seconds", "1", "--pictures", "6", "--json");

        var result = JsonDocument.Parse(Assert.Single(ended.Lines)).RootElement;
        Assert.Equal(0, result.GetProperty("wrong").GetInt32());
        Assert.True(result.GetProperty("scans").GetInt32() > 0);
        Assert.True(result.GetProperty("scansPerProcessorSecond").GetDouble() > 0);
        Assert.True(result.GetProperty("serviceMsPerScan").GetDouble() > 0);
        Assert.True(result.GetProperty("workersMsPerScan").GetDouble() > 0);
        Assert.Equal(0, ended.ExitCode);
    }
}
