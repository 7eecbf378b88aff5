using System.CommandLine;
using System.Globalization;
using Palisade.Server.Bench;

namespace Palisade.Server.Cli.Benches;

/// <summary><c>palisade bench evidence</c>: sealing, opening, and the taking of an item on disk.</summary>
internal static class EvidenceBenchVerb
{
    public static Verb Create(Terminal terminal)
    {
        var size = BenchVerb.Number("--size", "Size of an item in bytes", 10_000_000);
        var takings = BenchVerb.Number("--items", "Items to take on disk", 50);
        var data = new Option<string?>("--data")
        {
            Description = "A folder on the disk to measure, used for a while [default: the temporary folder]",
            HelpName = "FOLDER",
        };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb(
            "evidence",
            "Measure sealing and opening in memory, the whole taking of an item with its record and audit entry on disk, and verify over what was taken.",
            "palisade bench evidence",
            "palisade bench evidence --size 1000000 --items 200 --json")
        {
            size, takings, data, json,
        };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = Path.Combine(parsed.GetValue(data) ?? Path.GetTempPath(), $"palisade-bench-{Guid.NewGuid():n}");
            try
            {
                var result = await EvidenceBench.RunAsync(
                    folder, parsed.GetValue(size), parsed.GetValue(takings), TimeSpan.FromSeconds(2), cancellationToken);
                if (parsed.GetValue(json))
                {
                    terminal.Out.WriteJsonLine(result);
                }
                else
                {
                    Print(result, terminal.Out);
                }
            }
            finally
            {
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Print(EvidenceBenchResult result, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  items of {result.ItemBytes:#,0} bytes; MiB for each processor second of one thread"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  seal, with SHA-256  {result.SealMiB:#,0}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  open, every byte proven by its tag  {result.OpenMiB:#,0}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  open, with a SHA-256 of the result too  {result.OpenAndDigestMiB:#,0}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  SHA-256 alone  {result.DigestMiB:#,0}"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  taken on disk, with record and audit entry: p50 {result.P50Ms:0.0} ms, p99 {result.P99Ms:0.0} ms, longest {result.MaxMs:0.0} ms of {result.Takings}"));
        var verify = result.Verify;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  verify, MiB a second: {verify.SealedMiB:#,0} by SHA-256, {verify.TagsMiB:#,0} with every tag, where reading alone is {verify.ReadMiB:#,0}; memory grew by {verify.GrownMiB:0} MiB over {verify.Bytes / 1e6:#,0} MB"));
    }
}
