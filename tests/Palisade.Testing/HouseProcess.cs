using System.Diagnostics;
using System.Globalization;
using Palisade.Audit;

namespace Palisade.Testing;

/// <summary>
/// This very program run once more as a process that does all at once what a service does (takes scans, opens cases, seals
/// evidence, appends to the audit log, signs it) and prints what it acknowledges, until it is killed.
/// </summary>
public static class HouseProcess
{
    private const string FolderVariable = "PALISADE_TEST_HOUSE_FOLDER";
    private const string SeedVariable = "PALISADE_TEST_HOUSE_SEED";

    /// <param name="seed">Of its uploads; each process gets one of its own.</param>
    public static Process Start(string folder, int seed)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment[FolderVariable] = folder;
        start.Environment[SeedVariable] = seed.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }

    /// <inheritdoc cref="WriterProcess.WriteInsteadOfTesting"/>
    public static void WorkInsteadOfTesting()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { } folder)
        {
            WorkAsync(folder, int.Parse(Environment.GetEnvironmentVariable(SeedVariable)!, CultureInfo.InvariantCulture)).GetAwaiter().GetResult();
            Environment.Exit(0);
        }
    }

    private static async Task WorkAsync(string folder, int seed)
    {
        await using var house = await House.OpenAsync(folder, TimeProvider.System);
        using var output = Console.OpenStandardOutput();
        await Task.WhenAll(
            Task.Run(() => HoldForeverAsync(house, seed * 1_000_000, output)),
            Task.Run(() => HoldForeverAsync(house, (seed * 1_000_000) + 500_000, output)),
            Task.Run(() => RecordForeverAsync(house, output)),
            Task.Run(() => SignForeverAsync(house, output)));
    }

    private static async Task HoldForeverAsync(House house, int seed, Stream output)
    {
        for (; ; seed++)
        {
            var (scan, id, evidence) = await house.HoldAsync(seed, bytes: 100 + (seed % 30_000));
            Print(output, $"held {seed} {scan} {id} {evidence}");
        }
    }

    private static async Task RecordForeverAsync(House house, Stream output)
    {
        while (true)
        {
            var number = await house.Audit.RecordAsync(
                new AuditEntry { Action = "case.viewed", Actor = House.Anna, Subject = "case/none" }, default);
            Print(output, string.Create(CultureInfo.InvariantCulture, $"entry {number}"));
        }
    }

    private static async Task SignForeverAsync(House house, Stream output)
    {
        while (true)
        {
            if (await house.Sequencer.SignAsync(default) is SigningOutcome.Published published)
            {
                Print(output, string.Create(CultureInfo.InvariantCulture, $"signed {published.Size}"));
            }
        }
    }

    private static void Print(Stream output, string line)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(line + "\n");
        lock (output)
        {
            output.Write(bytes);
        }
    }
}
