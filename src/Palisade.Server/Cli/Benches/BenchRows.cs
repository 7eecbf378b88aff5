using System.CommandLine;
using System.Globalization;

namespace Palisade.Server.Cli.Benches;

/// <summary>What the benches of the engine have in common: a peer to run beside, and rows of named figures.</summary>
internal static class BenchRows
{
    public static Option<string?> PeerOption(string howItIsCalled) => new("--peer")
    {
        Description = $"A program to run beside, for the ratio in one run. It is called as {howItIsCalled}",
        HelpName = "PATH",
    };

    public static Option<bool> JsonOption() => new("--json") { Description = "One JSON object for each row" };

    public static void Print(IReadOnlyDictionary<string, object> row, bool asJson, TextWriter output)
    {
        if (asJson)
        {
            output.WriteJsonLine(row);
            return;
        }

        output.WriteLine(row["bench"]);
        foreach (var (name, value) in row.Where(field => field.Key != "bench"))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-22} {value}"));
        }
    }
}
