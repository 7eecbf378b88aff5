using System.Diagnostics;
using System.Globalization;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Testing;

namespace Palisade.Tests.Evidence;

/// <summary>T14.1 to T14.3 of the security model, for the vault: kills, order of system calls, errors at each call.</summary>
public sealed class VaultCrashTests
{
    private const string Calls = "pwrite64,write,fsync,fdatasync,rename,renameat2,link,unlink";

    /// <summary>10 for each push; PALISADE_TEST_KILLS=10000 at night.</summary>
    private static readonly int Kills = int.Parse(
        Environment.GetEnvironmentVariable("PALISADE_TEST_KILLS") ?? "10", CultureInfo.InvariantCulture);

    /// <summary>400 and 4 for each push; tests/long/rotation.sh sets 100,000 and 50 (T6.3).</summary>
    private static readonly int RotatedItems = int.Parse(
        Environment.GetEnvironmentVariable("PALISADE_TEST_ROTATION_ITEMS") ?? "400", CultureInfo.InvariantCulture);

    private static readonly int RotationKills = int.Parse(
        Environment.GetEnvironmentVariable("PALISADE_TEST_ROTATION_KILLS") ?? "4", CultureInfo.InvariantCulture);

    [Fact]
    public async Task No_acknowledged_evidence_is_lost_when_the_process_is_killed_at_any_moment()
    {
        await using var test = await TestStore.CreateUnopenedAsync(TestEngine.Sqlite);
        var random = new Random(20270302);
        var acknowledged = new Dictionary<string, int>(StringComparer.Ordinal);

        for (var kill = 0; kill < Kills; kill++)
        {
            using var process = VaultProcess.Take(test.Folder, items: 1000);
            await ReadAsync(process, acknowledged, killAfter: random.Next(0, 30));
        }

        Assert.NotEmpty(acknowledged);
        await AssertAllOpenAsync(test, acknowledged);
    }

    [Fact]
    public async Task Every_acknowledgement_comes_after_a_sync_of_file_name_and_record()
    {
        await SystemCallTrace.RequireAsync();
        await using var test = await TestStore.CreateUnopenedAsync(TestEngine.Sqlite);

        var (acknowledgements, early) = await TraceAsync(test.Folder);

        Assert.Equal((40, 0), (acknowledgements, early));
    }

    [Fact]
    public async Task The_same_trace_finds_out_a_lazy_system_that_only_claims_to_sync()
    {
        await SystemCallTrace.RequireAsync();
        await using var test = await TestStore.CreateUnopenedAsync(TestEngine.Sqlite);

        var (acknowledgements, early) = await TraceAsync(test.Folder, "-e", "inject=fsync,fdatasync:retval=0");

        Assert.Equal((40, 40), (acknowledgements, early));
    }

    /// <remarks>
    /// The n-th call of its kind in the process, whichever file it is for: the sealed file, its folder, the store or its log.
    /// </remarks>
    [Theory]
    [InlineData("fsync", "EIO", new[] { 1, 2, 3, 4, 5, 6, 7 })]
    [InlineData("pwrite64", "ENOSPC", new[] { 1, 8, 16, 24, 32, 40 })]
    [InlineData("pwrite64", "EIO", new[] { 2, 10, 18, 26, 34, 42 })]
    [InlineData("link", "EIO", new[] { 1, 2 })]
    [InlineData("unlink", "EIO", new[] { 1, 2 })]
    public async Task An_error_at_each_write_call_in_turn_is_told_and_loses_nothing_acknowledged(string call, string error, int[] turns)
    {
        await SystemCallTrace.RequireAsync();
        await using var test = await TestStore.CreateUnopenedAsync(TestEngine.Sqlite);
        var trace = Path.Combine(test.Folder, "trace.txt");
        var acknowledged = new Dictionary<string, int>(StringComparer.Ordinal);
        using (var first = VaultProcess.Take(test.Folder, items: 2))
        {
            await ReadAsync(first, acknowledged);
        }

        var reached = 0;
        foreach (var turn in turns)
        {
            using var process = VaultProcess.Take(
                test.Folder, 3, "strace", "-f", "-qq", "-o", trace, "-e", "trace=" + call, "-e", $"inject={call}:error={error}:when={turn}");
            await ReadAsync(process, acknowledged);
            reached += (await File.ReadAllTextAsync(trace)).Contains("(INJECTED)", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.InRange(reached, (turns.Length + 1) / 2, turns.Length);
        await AssertAllOpenAsync(test, acknowledged);
    }

    [Fact]
    public async Task A_rotation_that_is_killed_again_and_again_ends_and_loses_nothing()
    {
        await using var test = await TestStore.CreateUnopenedAsync(TestEngine.Sqlite);
        var random = new Random(20270303);
        var acknowledged = new Dictionary<string, int>(StringComparer.Ordinal);
        using (var taking = VaultProcess.Take(test.Folder, RotatedItems))
        {
            await ReadAsync(taking, acknowledged);
        }

        for (var kill = 0; kill < RotationKills; kill++)
        {
            using var taking = VaultProcess.Take(test.Folder, items: 1000);
            using var process = VaultProcess.Rotate(test.Folder);
            await ReadAsync(process, [], killAfter: random.Next(1, 2 + (RotatedItems / 100 / RotationKills)));
            await ReadAsync(taking, acknowledged, killAfter: 3);
        }

        using (var last = VaultProcess.Rotate(test.Folder))
        {
            Assert.Contains(VaultProcess.Rotated, await ReadAsync(last, []));
        }

        await AssertAllOpenAsync(test, acknowledged);
    }

    private static async Task<(int Acknowledgements, int Early)> TraceAsync(string folder, params string[] injection)
    {
        var trace = Path.Combine(folder, "trace.txt");
        using var process = VaultProcess.Take(
            folder, 40, ["strace", "-f", "-qq", "-o", trace, "-e", "trace=" + Calls, .. injection]);
        await ReadAsync(process, []);
        return SystemCallTrace.CountEarly(await File.ReadAllLinesAsync(trace), VaultProcess.Acknowledged);
    }

    /// <returns>The lines that were printed.</returns>
    private static async Task<List<string>> ReadAsync(Process process, Dictionary<string, int> acknowledged, int? killAfter = null)
    {
        var lines = new List<string>();
        if (killAfter == 0)
        {
            process.Kill(entireProcessTree: true);
        }

        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line.StartsWith(VaultProcess.Acknowledged, StringComparison.Ordinal))
            {
                var parts = line.Split(' ');
                acknowledged[parts[1]] = int.Parse(parts[2], CultureInfo.InvariantCulture);
            }

            if (lines.Count == killAfter)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        await process.WaitForExitAsync();
        return lines;
    }

    private static async Task AssertAllOpenAsync(TestStore test, Dictionary<string, int> acknowledged)
    {
        var store = await test.OpenAnotherAsync();
        using var bankKey = await BankKey.OpenOrCreateAsync(test.Folder, store, CancellationToken.None);
        var audit = new AuditLog(store, bankKey, TimeProvider.System);
        using var keys = await TestKeys.CreateUnsealedAsync(store, bankKey, audit, TimeProvider.System);
        var vault = new EvidenceVault(store, keys, audit, Path.Combine(test.Folder, EvidenceVault.FolderName), TimeProvider.System);
        foreach (var (text, seed) in acknowledged)
        {
            Assert.True(EvidenceId.TryParse(text, out var id));
            using var clear = new MemoryStream();
            await vault.OpenAsync(id, clear, Actor.Palisade, "a test", CancellationToken.None);
            Assert.True(clear.ToArray().AsSpan().SequenceEqual(VaultProcess.BytesOf(seed)), text);
        }
    }
}
