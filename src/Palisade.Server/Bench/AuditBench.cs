using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Audit;
using Palisade.Server.Options;

namespace Palisade.Server.Bench;

/// <summary>What is measured: entries recorded by many callers at once, each waiting until its entry is on stable storage.</summary>
internal sealed record AuditBenchOptions
{
    public int Callers { get; init; } = 512;

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where the store is made; its disk is what is measured.</summary>
    public string Folder { get; init; } = ".";
}

/// <param name="SigningSeconds">To make the tiles, read everything back, and sign.</param>
internal sealed record AuditBenchResult(
    long Entries, double Seconds, double EntriesPerSecond, double P50Ms, double P99Ms, double ProcessorSeconds, int Callers, double SigningSeconds, bool IsGapless);

/// <summary>Measures the audit log on SQLite with full synchronisation and group commit, and checks that no entry is missing.</summary>
internal static class AuditBench
{
    public static async Task<AuditBenchResult> RunAsync(AuditBenchOptions options, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Folder, $"palisade-bench-{Guid.NewGuid():N}")).FullName;
        try
        {
            await using var installation = await Installation.OpenAsync(
                new PalisadeOptions { Data = folder }, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
            return await MeasureAsync(installation, options, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<AuditBenchResult> MeasureAsync(
        Installation installation, AuditBenchOptions options, CancellationToken cancellationToken)
    {
        await RunCallersAsync(installation.Audit, options.Callers, TimeSpan.FromSeconds(1), cancellationToken);
        var before = await installation.Audit.LastNumberAsync(cancellationToken);
        var processor = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        var times = await RunCallersAsync(installation.Audit, options.Callers, options.Duration, cancellationToken);
        var seconds = clock.Elapsed.TotalSeconds;
        var used = Process.GetCurrentProcess().TotalProcessorTime - processor;

        var last = await installation.Audit.LastNumberAsync(cancellationToken);
        clock.Restart();
        var isSigned = await installation.Sequencer.SignAsync(cancellationToken) is SigningOutcome.Published published && published.Size == last;
        times.Sort();
        return new AuditBenchResult(
            times.Count, seconds, times.Count / seconds, At(0.5), At(0.99), used.TotalSeconds, options.Callers,
            clock.Elapsed.TotalSeconds, isSigned && last - before == times.Count);

        double At(double part) => times.Count == 0 ? 0 : times[(int)(part * (times.Count - 1))];
    }

    /// <returns>Milliseconds that each entry took.</returns>
    private static async Task<List<double>> RunCallersAsync(
        AuditLog audit, int callers, TimeSpan duration, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var times = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
            async () =>
            {
                var mine = new List<double>();
                var actor = Actor.ApiKey(caller % 8);
                while (clock.Elapsed < duration)
                {
                    var began = Stopwatch.GetTimestamp();
                    await audit.RecordAsync(
                        new AuditEntry
                        {
                            Action = "case.revealed",
                            Actor = actor,
                            Subject = string.Create(CultureInfo.InvariantCulture, $"case/{caller}/{mine.Count}"),
                            Reason = "measuring",
                        },
                        cancellationToken);
                    mine.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                }

                return mine;
            },
            cancellationToken)));
        return [.. times.SelectMany(mine => mine)];
    }
}
