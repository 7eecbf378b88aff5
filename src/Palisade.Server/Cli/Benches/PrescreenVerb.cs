using System.CommandLine;
using Palisade.Server.Bench;

namespace Palisade.Server.Cli.Benches;

/// <summary><c>palisade bench prescreen</c>: how far the pre-screen's estimates are from exact fingerprints.</summary>
internal static class PrescreenVerb
{
    public static Verb Create(Terminal terminal)
    {
        var folder = new Option<string?>("--folder")
        {
            Description = "A folder whose JPEGs are measured besides the pictures that it draws",
            HelpName = "FOLDER",
        };
        var drawings = BenchVerb.Number("--pictures", "Pictures drawn of each size; a fourth of it of those over 4 MP", 24);
        var json = BenchRows.JsonOption();
        var verb = new Verb(
            "prescreen",
            "Measure how far the pre-screen's estimated fingerprints are from the exact ones, in bits.",
            "palisade bench prescreen",
            "palisade bench prescreen --folder photos --pictures 100 --json")
        {
            folder, drawings, json,
        };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await foreach (var row in PrescreenBench.RunAsync(
                parsed.GetValue(folder), parsed.GetValue(drawings), cancellationToken))
            {
                BenchRows.Print(row, parsed.GetValue(json), terminal.Out);
                terminal.Out.Flush();
            }

            return ExitCode.Ok;
        });
        return verb;
    }
}
