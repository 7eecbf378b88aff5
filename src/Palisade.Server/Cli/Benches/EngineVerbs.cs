using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Palisade.Signals.Bench;
using BenchOptions = Palisade.Signals.Bench.Options;

namespace Palisade.Server.Cli.Benches;

/// <summary>
/// <c>palisade bench pdq</c>, <c>search</c> and <c>digest</c>: the engine by itself, in processor time of one thread.
/// </summary>
internal static class EngineVerbs
{
    /// <summary>Set in the process that measures, which compiles everything whole at once instead of while it is timed.</summary>
    private const string CompileAtOnce = "DOTNET_TieredCompilation";

    public static Verb Pdq(Terminal terminal)
    {
        var size = new Option<string?>("--size") { Description = "One size of picture instead of all", HelpName = "WIDTHxHEIGHT" };
        size.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && SizeOf(text) is null)
            {
                result.AddError("--size is a width and a height in pixels, such as 1024x768.");
            }
        });
        var peer = BenchRows.PeerOption(
            "PATH FILE WIDTH HEIGHT rgb|luma full REPEATS with a file of packed bytes, and prints hash,quality,microseconds (the median of one hash)");
        var json = BenchRows.JsonOption();
        var verb = new Verb(
            "pdq", "Measure pixels to PDQ.", "palisade bench pdq", "palisade bench pdq --size 1024x768 --peer ./reference --json")
        {
            size, peer, json,
        };
        verb.SetAction(parsed => Run(
            terminal,
            parsed,
            parsed.GetValue(json),
            PdqBench.Run(new BenchOptions("pdq", SizeOf(parsed.GetValue(size)), 0, false, parsed.GetValue(peer), null))));
        return verb;
    }

    public static Verb Search(Terminal terminal)
    {
        var count = BenchVerb.Number("--count", "Hashes in the list", 1_000_000);
        var clustered = new Option<bool>("--clustered")
        {
            Description = "A fifth of the list in groups of 50 within 12 bits, as real lists are",
        };
        var peer = BenchRows.PeerOption(
            "PATH LIST COUNT NEEDLES NEEDLE_COUNT RADIUS with files of packed 32-byte hashes, and prints hits,microseconds (of one needle)");
        var plot = new Option<string?>("--plot")
        {
            Description = "Measure every power of ten from 10,000 to the count, and draw cost against size as SVG",
            HelpName = "FILE",
        };
        var batch = BenchVerb.Number("--batch", "Needles of one batched scan, at most 1,024", BenchOptions.UsualBatch);
        var json = BenchRows.JsonOption();
        var verb = new Verb(
            "search",
            "Measure the search within 31 bits, one needle at a time and many at once.",
            "palisade bench search",
            "palisade bench search --batch 64 --peer ./reference",
            "palisade bench search --count 10000000 --clustered --peer ./reference --json")
        {
            count, clustered, batch, peer, plot, json,
        };
        verb.SetAction(parsed => Run(
            terminal,
            parsed,
            parsed.GetValue(json),
            SearchBench.Run(new BenchOptions(
                "search", null, parsed.GetValue(count), parsed.GetValue(clustered), parsed.GetValue(peer), parsed.GetValue(plot))
            {
                Batch = Math.Min(parsed.GetValue(batch), 1_024),
            })));
        return verb;
    }

    public static Verb Digest(Terminal terminal)
    {
        var count = BenchVerb.Number("--count", "Digests in each table", 1_000_000);
        var json = BenchRows.JsonOption();
        var verb = new Verb(
            "digest", "Measure tables of MD5, SHA-1 and SHA-256: look-up, bytes an entry, building.",
            "palisade bench digest", "palisade bench digest --count 10000000 --json")
        {
            count, json,
        };
        verb.SetAction(parsed => Run(
            terminal,
            parsed,
            parsed.GetValue(json),
            DigestBench.Run(new BenchOptions("digest", null, parsed.GetValue(count), false, null, null))));
        return verb;
    }

    private static int Run(Terminal terminal, ParseResult parsed, bool asJson, IEnumerable<Dictionary<string, object>> rows)
    {
        if (Environment.GetEnvironmentVariable(CompileAtOnce) != "0")
        {
            return RunInProcessOfItsOwn(parsed);
        }

        foreach (var row in rows)
        {
            BenchRows.Print(row, asJson, terminal.Out);
            terminal.Out.Flush();
        }

        return ExitCode.Ok;
    }

    private static int RunInProcessOfItsOwn(ParseResult parsed)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "palisade.dll"));
        }

        foreach (var token in parsed.Tokens)
        {
            start.ArgumentList.Add(token.Value);
        }

        start.Environment[CompileAtOnce] = "0";
        using var process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Null where the text is none.</summary>
    private static (int Width, int Height)? SizeOf(string? text) =>
        text?.Split('x') is [var width, var height] &&
        int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out var across) && across > 0 &&
        int.TryParse(height, NumberStyles.None, CultureInfo.InvariantCulture, out var down) && down > 0
            ? (across, down)
            : null;
}
