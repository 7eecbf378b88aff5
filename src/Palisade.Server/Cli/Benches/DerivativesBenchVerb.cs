using System.CommandLine;
using System.Globalization;
using Palisade.Server.Bench.Derivatives;
using Palisade.Signals.Regions;

namespace Palisade.Server.Cli.Benches;

/// <summary><c>palisade bench derivatives</c>: how many altered copies are found, and at what cost.</summary>
internal static class DerivativesBenchVerb
{
    public static Verb Create(Terminal terminal)
    {
        var set = new Option<string>("--set")
        {
            Description = "Folder of the set: manifest.json and the pictures that it lists",
            HelpName = "PATH",
            Required = true,
        };
        var points = new Option<int>("--points")
        {
            Description = "Enrolled points of each picture, 25 to 300",
            DefaultValueFactory = _ => RegionCodes.DefaultPoints,
            HelpName = "NUMBER",
        };
        points.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < RegionCodes.LeastPoints or > RegionCodes.DensePoints)
            {
                result.AddError("--points is a number from 25 to 300.");
            }
        });
        var pictures = new Option<int>("--lookup")
        {
            Description = "Look up among this many synthetic pictures as well; a million need about 6 GiB",
            HelpName = "NUMBER",
        };
        pictures.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 8_000_000)
            {
                result.AddError("--lookup is a number from 0 to 8000000.");
            }
        });
        var json = new Option<bool>("--json") { Description = "One JSON object as the last line" };
        var verb = new Verb(
            "derivatives",
            "Measure how many altered copies of enrolled pictures are found, how many wrongly, and where they are seen to be altered.",
            "palisade bench derivatives --set conformance/derivatives",
            "palisade bench derivatives --set conformance/derivatives --points 300 --lookup 1000000 --json")
        {
            set, points, pictures, json,
        };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var read = DerivativeSet.Read(parsed.GetRequiredValue(set));
            await using var decoders = await LocalDecoders.StartAsync(read.Enrolled.Count, cancellationToken);
            var bench = new DerivativesBench(read, decoders, parsed.GetValue(points), terminal.Error.WriteLine);
            var result = await bench.RunAsync(parsed.GetValue(pictures), cancellationToken);
            Print(result, terminal.Out);
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(result);
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Print(DerivativesResult result, TextWriter output)
    {
        Line($"{result.Enrolled:#,0} pictures enrolled with {result.Points} points ({result.EnrolledByPdqOnly} too plain, by PDQ only), {result.Queries:#,0} looked up");
        Line($"");
        Line($"  {"family",-24} {"pictures",8} {">= 6",6} {">= 8",6} {">= 10",6} {"PDQ",6}");
        foreach (var (name, family) in result.Families)
        {
            Row(name, family);
        }

        Row("all", new FamilyRecall(
            result.Families.Values.Sum(family => family.Pictures), result.Recall6, result.Recall8, result.Recall10, result.PdqRecall));
        Line($"");
        Line($"  wrong pictures   {result.WrongAt6} at 6 points and more, {result.WrongAt8} at 8, {result.WrongAt10} at 10; same scene, listed apart: {result.Wrong.Count(match => match.IsSameScene)}");
        foreach (var match in result.Wrong)
        {
            Line($"    {match.Score,3}  {match.Query} -> {match.Enrolled}{(match.IsSameScene ? "  (same scene)" : "")}");
        }

        Line($"  altered map      mean overlap with the mask {result.MeanIoU:0.000} over {result.Masks} pictures altered by 15 % and more");
        Line($"  bytes            {result.PointBytes:#,0} of points, {result.MapBytes} of the map");
        Line($"  CPU a picture    enrol {result.EnrolMs:0.0} ms, query {result.QueryMs:0.0} ms (decoding included), search {result.SearchMs:0.0} ms");
        if (result.LookUp is { } lookUp)
        {
            Line($"  look-up          mean {lookUp.MeanMs:0.0} ms, p95 {lookUp.P95Ms:0.0} ms, longest {lookUp.MaxMs:0.0} ms of {lookUp.Queries} queries among {lookUp.Pictures:#,0} synthetic pictures");
            Line($"  index            built in {lookUp.BuildSeconds:0.0} s; {lookUp.MemoryMiB:#,0} MiB of the whole process");
        }

        void Row(string name, FamilyRecall family) => Line(
            $"  {name,-24} {family.Pictures,8} {family.Recall6,6:0.000} {family.Recall8,6:0.000} {family.Recall10,6:0.000} {family.PdqRecall,6:0.000}");

        void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }
}
