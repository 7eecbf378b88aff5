using System.CommandLine;
using System.Globalization;
using Palisade.Server.Bench;
using Palisade.Server.Cli.Benches;

namespace Palisade.Server.Cli;

/// <summary><c>palisade bench</c>: how fast this machine hashes, searches, scans, seals and logs.</summary>
internal static class BenchVerb
{
    public static Command Create(Terminal terminal) => new Verb(
        "bench", "Measure how fast Palisade is on this machine, and how well it finds altered copies.", "palisade bench service", "palisade bench search --count 10000000 --json")
        {
            EngineVerbs.Pdq(terminal),
            JpegVerb.Create(terminal),
            PrescreenVerb.Create(terminal),
            EngineVerbs.Search(terminal),
            EngineVerbs.Digest(terminal),
            ServiceVerb(terminal),
            DerivativesBenchVerb.Create(terminal),
            AuditBenchVerb.Create(terminal),
            EvidenceBenchVerb.Create(terminal),
        };

    private static Verb ServiceVerb(Terminal terminal)
    {
        var defaults = new ServiceBenchOptions();
        var signals = Number("--signals", "Random signals in the bank", defaults.Signals);
        var clients = Number("--clients", "Uploads under way at once", defaults.Clients);
        var seconds = Number("--seconds", "How long to measure", (int)defaults.Duration.TotalSeconds);
        var workers = Number("--workers", "Decoder workers", defaults.Workers);
        var pictures = Number("--pictures", "Different pictures; the first of them is in the bank", defaults.Pictures);
        var rate = new Option<double>("--rate")
        {
            Description = "Uploads a second on a fixed schedule, for latency under part load [default: as fast as answers come]",
            HelpName = "NUMBER",
        };
        var prescreen = new Option<bool>("--prescreen") { Description = "With decoder.prescreen, which is off by default" };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb(
            "service",
            "Measure scans over HTTP: 1 MP JPEGs that it draws itself, against a service of its own with a million signals.",
            "palisade bench service",
            "palisade bench service --signals 1000000 --clients 16 --rate 100 --json")
        {
            signals, clients, seconds, workers, pictures, rate, prescreen, json,
        };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new ServiceBenchOptions
            {
                Signals = parsed.GetValue(signals),
                Clients = parsed.GetValue(clients),
                Duration = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                Workers = parsed.GetValue(workers),
                Pictures = parsed.GetValue(pictures),
                Rate = parsed.GetValue(rate),
                Prescreen = parsed.GetValue(prescreen),
            };
            var result = await ServiceBench.RunAsync(options, terminal.Error.WriteLine, cancellationToken);
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(result);
            }
            else
            {
                Print(result, terminal.Out);
            }

            return result.Wrong == 0 ? ExitCode.Ok : ExitCode.Error;
        });
        return verb;
    }

    internal static Option<int> Number(string name, string description, int byDefault)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => byDefault, HelpName = "NUMBER" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < (name == "--signals" ? 0 : 1))
            {
                result.AddError($"{name} is a number of {(name == "--signals" ? 0 : 1)} or more.");
            }
        });
        return option;
    }

    private static void Print(ServiceBenchResult result, TextWriter output)
    {
        Row("uploads", $"{result.Scans:#,0} JPEGs of {result.PictureMegapixels:0.00} MP ({result.Pictures} different ones, {result.LeastPictureKiB} to {result.LargestPictureKiB} KiB, {result.PictureKiB} on average); {result.Wrong} wrong verdicts");
        Row("against", $"{result.Signals:#,0} signals, with {result.Clients} clients{(result.Rate > 0 ? $" at {result.Rate:0.#} uploads/s" : "")}, after {result.WarmUpSeconds:0} s of warming up");
        Row("pre-screen", $"{(result.Prescreen ? "on" : "off")}");
        Row("machine", $"{result.Processors} processors, {result.Workers} decoder workers confined by {(result.Confinement.Length > 0 ? result.Confinement : "nothing")}");
        Row("scans/s", $"{result.ScansPerSecond:0.0}");
        Row("scans/CPU s", $"{result.ScansPerProcessorSecond:0.0} for each processor second of the service and its workers, those who upload not counted");
        Row("CPU a scan", $"{result.ServiceMsPerScan:0.00} ms in the service, {result.WorkersMsPerScan:0.00} ms in its workers");
        Row("latency", $"p50 {result.P50Ms:0.0} ms, p90 {result.P90Ms:0.0} ms, p99 {result.P99Ms:0.0} ms, longest {result.MaxMs:0.0} ms");
        Row("memory", $"{result.ServiceMemoryMiB} MiB of the service, {result.MemoryMiB} MiB with its workers");

        void Row(string label, FormattableString value) =>
            output.WriteLine($"  {label,-12} {value.ToString(CultureInfo.InvariantCulture)}");
    }
}
