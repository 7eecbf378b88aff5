using System.Diagnostics;
using System.Globalization;
using Dapper;
using Palisade.Testing;

namespace Palisade.Tests.Storage;

/// <summary>T14.1 and T14.2 of the security model.</summary>
public sealed class CrashTests
{
    private const string Acknowledged = "acknowledged ";

    /// <summary>40 for each push; PALISADE_TEST_KILLS=10000 at night.</summary>
    private static readonly int Kills = int.Parse(
        Environment.GetEnvironmentVariable("PALISADE_TEST_KILLS") ?? "40", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed_at_any_moment()
    {
        await using var test = await TestStore.CreateUnopenedAsync(TestEngine.Sqlite);
        var random = new Random(20270301);
        var acknowledged = new HashSet<long>();

        for (var kill = 0; kill < Kills; kill++)
        {
            acknowledged.UnionWith(await RunAndKillAsync(test.Folder, afterLines: random.Next(1, 120)));
        }

        var store = await test.OpenAnotherAsync();
        var kept = await store.ReadAsync(
            async connection => (await connection.QueryAsync<long>("SELECT number FROM note")).ToHashSet(), default);
        var verdict = await store.ReadAsync(
            connection => connection.QuerySingleAsync<string>("PRAGMA integrity_check"), default);
        Assert.True(acknowledged.Count >= Kills);
        Assert.Empty(acknowledged.Except(kept));
        Assert.Equal("ok", verdict);
    }

    [Fact]
    public async Task Every_acknowledgement_comes_after_a_sync_of_what_it_acknowledges()
    {
        OptionalPart.Require(await CanTraceAsync(), "strace, allowed to trace: apt-get install strace");
        await using var test = await TestStore.CreateUnopenedAsync(TestEngine.Sqlite);
        var trace = Path.Combine(test.Folder, "trace.txt");

        await RunAndKillAsync(
            test.Folder, afterLines: 100, writers: 1,
            "strace", "-f", "-q", "-o", trace, "-e", "trace=pwrite64,write,fsync,fdatasync");

        var (acknowledgements, early) = CountEarly(await File.ReadAllLinesAsync(trace));
        Assert.InRange(acknowledgements, 100, int.MaxValue);
        Assert.Equal(0, early);
    }

    [Fact]
    public void A_lazy_store_would_fail_the_trace()
    {
        string[] lazy = ["7 pwrite64(20, \"x\", 1, 0) = 1", "7 write(1, \"acknowledged 1\\n\", 15) = 15"];
        string[] full = [lazy[0], "8 fdatasync(20 <unfinished ...>", "8 <... fdatasync resumed>) = 0", lazy[1]];
        string[] unfinished = [lazy[0], "8 fdatasync(20 <unfinished ...>", lazy[1]];

        Assert.Equal((1, 1), CountEarly(lazy));
        Assert.Equal((1, 0), CountEarly(full));
        Assert.Equal((1, 1), CountEarly(unfinished));
    }

    /// <summary>One writer at a time, so a line is early when a page was written after the last sync that returned.</summary>
    private static (int Acknowledgements, int Early) CountEarly(IEnumerable<string> trace)
    {
        var (acknowledgements, early, isDirty) = (0, 0, false);
        foreach (var line in trace)
        {
            if (line.Contains(" pwrite64(", StringComparison.Ordinal))
            {
                isDirty = true;
            }
            else if (line.Contains("sync", StringComparison.Ordinal) && line.EndsWith("= 0", StringComparison.Ordinal))
            {
                isDirty = false;
            }
            else if (line.Contains("\"" + Acknowledged, StringComparison.Ordinal))
            {
                acknowledgements++;
                early += isDirty ? 1 : 0;
            }
        }

        return (acknowledgements, early);
    }

    private static async Task<bool> CanTraceAsync()
    {
        try
        {
            using var probe = Process.Start(new ProcessStartInfo("strace", ["-q", "-o", "/dev/null", "true"])
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            await probe.WaitForExitAsync();
            return probe.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task<List<long>> RunAndKillAsync(
        string folder, int afterLines, int writers = 8, params string[] under)
    {
        using var writer = WriterProcess.Start(folder, writers, under);
        var acknowledged = new List<long>();
        while (await writer.StandardOutput.ReadLineAsync() is { } line)
        {
            // Never cut: a short write to a pipe is whole or not at all.
            if (line.StartsWith(Acknowledged, StringComparison.Ordinal))
            {
                acknowledged.Add(long.Parse(line.AsSpan(Acknowledged.Length), CultureInfo.InvariantCulture));
            }

            if (acknowledged.Count == afterLines)
            {
                writer.Kill(entireProcessTree: true);
            }
        }

        await writer.WaitForExitAsync();
        return acknowledged;
    }
}
