using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Palisade.Decoder.Contract;
using Palisade.Decoding;
using Palisade.Testing;

namespace Palisade.Decoder.Tests;

/// <summary>
/// T2.4: the worker itself tries the sixteen acts that it must not be able to do, from a thread-pool thread.
/// </summary>
public sealed class ForbiddenActsTests
{
    private static readonly string[] AllActs =
    [
        "open a socket", "resolve a name",
        "open /etc/passwd", "open /etc/shadow", "open the first process's command line", "open the service's command line",
        "open the key file", "open the home folder",
        "list the service's memory", "read the service's environment", "write outside", "raise a limit",
        "signal the service", "trace the service", "fork", "execute",
    ];

    /// <summary>What an ordinary user is refused by every system.</summary>
    private static readonly HashSet<string> NeedsRoot =
        new(StringComparer.Ordinal) { "open /etc/shadow", "open the home folder", "trace the service" };

    /// <summary>What each layer refuses without the help of any other.</summary>
    private static readonly Dictionary<SandboxLayers, string[]> RefusedByLayerAlone = new()
    {
        [SandboxLayers.Bubblewrap] = [.. AllActs.Where(act => act is not ("raise a limit" or "fork"))],
        [SandboxLayers.Landlock] = [.. AllActs.Where(act => act is not ("resolve a name" or "raise a limit" or "fork"))],
        [SandboxLayers.Seccomp] =
        [
            "open a socket", "write outside", "raise a limit", "signal the service", "trace the service", "fork", "execute",
        ],
        [SandboxLayers.Rlimits] = ["write outside", "raise a limit"],
    };

    [Theory]
    [InlineData(SandboxLayers.Bubblewrap)]
    [InlineData(SandboxLayers.Landlock)]
    [InlineData(SandboxLayers.Seccomp)]
    [InlineData(SandboxLayers.Rlimits)]
    public async Task Each_layer_alone_refuses_the_acts_it_answers_for(SandboxLayers layer)
    {
        await RequireAsync(layer);

        var results = await TryAllActsAsync(layer);

        Assert.All(RefusedByLayerAlone[layer], act => Assert.Equal((act, "refused"), (act, results[act])));
    }

    [Fact]
    public async Task All_layers_together_refuse_sixteen_of_sixteen_acts()
    {
        await RequireAsync(SandboxLayers.All);

        var results = await TryAllActsAsync(SandboxLayers.All);

        Assert.Equal(16, results.Count);
        Assert.All(AllActs, act => Assert.Equal((act, "refused"), (act, results[act])));
    }

    [Fact]
    public async Task Without_a_bubblewrap_the_other_layers_still_refuse_all_sixteen_acts()
    {
        await RequireAsync(SandboxLayers.All & ~SandboxLayers.Bubblewrap);

        var results = await TryAllActsAsync(SandboxLayers.All & ~SandboxLayers.Bubblewrap);

        Assert.All(AllActs, act => Assert.Equal((act, "refused"), (act, results[act])));
    }

    [Fact]
    public async Task Without_a_layer_every_act_succeeds_so_that_the_refusals_mean_something()
    {
        // A bystander stands in for the service, since here it really is signalled and traced.
        using var bystander = Process.Start("/bin/sleep", "60");
        try
        {
            var results = await TryAllActsAsync(SandboxLayers.None, bystander.Id);

            var possible = Environment.UserName == "root" ? AllActs : AllActs.Where(act => !NeedsRoot.Contains(act));
            Assert.All(possible, act => Assert.Equal((act, "allowed"), (act, results[act])));
        }
        finally
        {
            bystander.Kill();
        }
    }

    private static async Task RequireAsync(SandboxLayers layers)
    {
        var options = PoolFixture.Options with { Layers = layers };
        var report = await SandboxProbe.RunAsync(options, TestContext.Current.CancellationToken);
        foreach (var layer in report.Layers.Where(layer => layers.HasFlag(layer.Layer)))
        {
            OptionalPart.Require(layer.IsActive, $"{layer.Layer} ({layer.WhyNot}; {layer.Remedy})");
        }
    }

    private static async Task<Dictionary<string, string>> TryAllActsAsync(SandboxLayers layers, int? target = null)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var folder = Directory.CreateTempSubdirectory("palisade-acts-");
        var key = Path.Combine(folder.FullName, "bank.key");
        await File.WriteAllTextAsync(key, "a key", TestContext.Current.CancellationToken);
        var acts = string.Create(
            CultureInfo.InvariantCulture,
            $"{target ?? Environment.ProcessId}:{((IPEndPoint)listener.LocalEndpoint).Port}:{key}:{Path.Combine(folder.FullName, "made")}");
        var options = PoolFixture.Options with { Layers = layers, ExtraArguments = ["--forbidden-acts=" + acts] };
        try
        {
            using var worker = Process.Start(WorkerLaunch.Command(
                options, layers.HasFlag(SandboxLayers.Bubblewrap) ? WorkerLaunch.FindBubblewrap() : null))!;
            var output = await worker.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('='))
                .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
