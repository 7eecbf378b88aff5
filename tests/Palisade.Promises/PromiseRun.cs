using System.Diagnostics;

namespace Palisade.Promises;

/// <summary>What trying a promise showed.</summary>
/// <param name="Measured">In the test's own words; empty when it only passes or fails.</param>
internal sealed record PromiseResult(Promise Promise, string Verdict, string Measured, TimeSpan Took)
{
    public bool IsKept => Verdict == "kept";
}

/// <summary>Runs one test in the program that holds it, and reads what it says.</summary>
internal static class PromiseRun
{
    private const string Mark = "measured: ";

    public static async Task<PromiseResult> TryAsync(Promise promise, bool isLong, string? seed, TimeProvider clock)
    {
        var began = clock.GetTimestamp();
        using var process = Process.Start(StartOf(promise, isLong, seed))!;
        var errors = process.StandardError.ReadToEndAsync();
        var (measured, skipped, passed) = ("", false, false);
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            Console.Error.WriteLine("    " + line);
            var at = line.IndexOf(Mark, StringComparison.Ordinal);
            measured = at >= 0 ? line[(at + Mark.Length)..].Trim() : measured;
            skipped |= line.Contains("[SKIP]", StringComparison.Ordinal);
            passed |= line.Contains("Failed: 0", StringComparison.Ordinal) && !line.Contains("Total: 0", StringComparison.Ordinal);
        }

        await process.WaitForExitAsync();
        Console.Error.Write(await errors);
        var verdict = skipped ? "not tried: a part is missing here" : process.ExitCode == 0 && passed ? "kept" : "BROKEN";
        return new PromiseResult(promise, verdict, measured, clock.GetElapsedTime(began));
    }

    private static ProcessStartInfo StartOf(Promise promise, bool isLong, string? seed)
    {
        // artifacts/bin/PROJECT/CONFIGURATION: the test programs lie beside this one.
        var here = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var program = Path.GetFullPath(Path.Combine(here, "..", "..", promise.Project, Path.GetFileName(here), promise.Project));
        var start = new ProcessStartInfo(program, ["-method", "*" + promise.Method, "-showLiveOutput"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in isLong ? promise.LongRun : [])
        {
            start.Environment[name] = value;
        }

        if (seed is not null)
        {
            start.Environment["PALISADE_TEST_SEED"] = seed;
        }

        return start;
    }
}
