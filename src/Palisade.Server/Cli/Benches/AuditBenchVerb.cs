using System.CommandLine;
using System.Globalization;
using Palisade.Server.Bench;

namespace Palisade.Server.Cli.Benches;

/// <summary><c>palisade bench audit</c>: entries of the audit log, each on stable storage before it counts.</summary>
internal static class AuditBenchVerb
{
    public static Verb Create(Terminal terminal)
    {
        var defaults = new AuditBenchOptions();
        var callers = BenchVerb.Number("--callers", "Entries under way at once", defaults.Callers);
        var seconds = BenchVerb.Number("--seconds", "How long to measure", (int)defaults.Duration.TotalSeconds);
        var folder = new Option<string>("--folder")
        {
            Description = "On which disk; the store is made below it and removed again",
            DefaultValueFactory = _ => defaults.Folder,
            HelpName = "FOLDER",
        };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb(
            "audit",
            "Measure audit entries: each waits until it is on stable storage (SQLite, full synchronisation, group commit).",
            "palisade bench audit --folder /var/lib/palisade --seconds 5")
        {
            callers, seconds, folder, json,
        };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var result = await AuditBench.RunAsync(
                new AuditBenchOptions
                {
                    Callers = parsed.GetValue(callers),
                    Duration = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                    Folder = parsed.GetRequiredValue(folder),
                },
                cancellationToken);
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(result);
            }
            else
            {
                FormattableString[] lines =
                [
                    $"  entries/s    {result.EntriesPerSecond:#,0} ({result.Entries:#,0} entries in {result.Seconds:0.0} s by {result.Callers} callers, {(result.IsGapless ? "none missing" : "SOME MISSING")})",
                    $"  latency      p50 {result.P50Ms:0.0} ms, p99 {result.P99Ms:0.0} ms",
                    $"  CPU          {result.ProcessorSeconds:0.0} s",
                    $"  checkpoint   {result.SigningSeconds:0.0} s to make the tiles, read everything back and sign",
                ];
                foreach (var line in lines)
                {
                    terminal.Out.WriteLine(line.ToString(CultureInfo.InvariantCulture));
                }
            }

            return result.IsGapless ? ExitCode.Ok : ExitCode.Error;
        });
        return verb;
    }
}
