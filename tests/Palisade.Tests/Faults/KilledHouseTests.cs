using System.Globalization;
using System.Security.Cryptography;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Scanning;
using Palisade.Testing;

namespace Palisade.Tests.Faults;

/// <summary>T14.1 of the security model over everything that is stored at once.</summary>
public sealed class KilledHouseTests
{
    /// <summary>200 for each push; PALISADE_TEST_KILLS=10000 at night (tests/long/kills.sh).</summary>
    private static readonly int Kills = int.Parse(
        Environment.GetEnvironmentVariable("PALISADE_TEST_KILLS") ?? "200", CultureInfo.InvariantCulture);

    private static readonly int Seed = int.Parse(
        Environment.GetEnvironmentVariable("PALISADE_TEST_SEED") ?? "20270301", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_damaged_when_the_whole_service_is_killed_at_any_moment()
    {
        using var scratch = new ScratchFolder();
        var random = new Random(Seed);
        var lines = new List<string[]>();
        for (var kill = 0; kill < Kills; kill++)
        {
            // A quarter dies before its first word: while the folder is being opened and mended.
            await RunAndKillAsync(scratch["data"], kill, afterLines: random.Next(4) == 0 ? 0 : random.Next(1, 40), random, lines);
        }

        await using var house = await House.OpenAsync(scratch["data"], TimeProvider.System);
        Assert.Null(house.Sequencer.Fault);
        var lost = 0;
        foreach (var line in lines)
        {
            lost += line[0] switch
            {
                "held" => await IsKeptAsync(house, line) ? 0 : 1,
                "entry" => await house.Audit.FindAsync(long.Parse(line[1], CultureInfo.InvariantCulture), default) is null ? 1 : 0,
                _ => await house.Audit.LastNumberAsync(default) < long.Parse(line[1], CultureInfo.InvariantCulture) ? 1 : 0,
            };
        }

        await house.SignAsync();
        var (report, findings) = await house.VerifyAsync();
        Measured.Say($"seed {Seed}: {Kills} kills, {lines.Count} acknowledged, {lost} lost, {report.Damaged + report.Missing} corrupt");
        Assert.Equal(0, lost);
        Assert.Empty(findings);
        Assert.True(lines.Count > Kills);
    }

    private static async Task<bool> IsKeptAsync(House house, string[] line)
    {
        Assert.True(ScanId.TryParse(line[2], out var scan) & EvidenceId.TryParse(line[4], out var evidence));
        var (seed, found) = (int.Parse(line[1], CultureInfo.InvariantCulture), await house.Cases.FindBySourceAsync(scan.ToString(), default));
        if (found?.Case.Id.ToString() != line[3] || await house.Vault.FindAsync(evidence, default) is null)
        {
            return false;
        }

        using var clear = new MemoryStream();
        await house.Vault.OpenAsync(evidence, clear, House.Anna, "compared", default);
        return SHA256.HashData(clear.ToArray()).AsSpan().SequenceEqual(SHA256.HashData(House.Bytes(seed, 100 + (seed % 30_000))));
    }

    private static async Task RunAndKillAsync(string folder, int seed, int afterLines, Random random, List<string[]> lines)
    {
        using var process = HouseProcess.Start(folder, seed);
        if (afterLines == 0)
        {
            // Without a word to count, a moment of its own: 0 to 400 ms after the start.
            await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(TimeSpan.FromMilliseconds(random.Next(400)), TimeProvider.System));
            process.Kill(entireProcessTree: true);
        }

        var read = 0;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Add(line.Split(' '));
            if (++read == afterLines)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        await process.WaitForExitAsync();
    }
}
