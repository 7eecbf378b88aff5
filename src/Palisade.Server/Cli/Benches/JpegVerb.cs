using System.CommandLine;
using Palisade.Server.Bench;

namespace Palisade.Server.Cli.Benches;

/// <summary><c>palisade bench jpeg</c>: JPEG files to PDQ in a sandboxed worker, in the worker's processor time.</summary>
internal static class JpegVerb
{
    public static Verb Create(Terminal terminal)
    {
        var peer = BenchRows.PeerOption("PATH FILE REPEATS with a JPEG, and prints hash,quality,microseconds (the median of one file)");
        var json = BenchRows.JsonOption();
        var verb = new Verb(
            "jpeg",
            "Measure JPEG files to PDQ, of 1 and of 12 megapixels that it draws itself, pipes and sandbox included.",
            "palisade bench jpeg",
            "palisade bench jpeg --peer ./reference --json")
        {
            peer, json,
        };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await foreach (var row in JpegBench.RunAsync(parsed.GetValue(peer), cancellationToken))
            {
                BenchRows.Print(row, parsed.GetValue(json), terminal.Out);
                terminal.Out.Flush();
            }

            return ExitCode.Ok;
        });
        return verb;
    }
}
