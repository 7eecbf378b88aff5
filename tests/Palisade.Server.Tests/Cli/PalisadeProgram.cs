using System.Diagnostics;

namespace Palisade.Server.Tests.Cli;

/// <summary>The built executable, run as a process of its own without a terminal.</summary>
internal static class PalisadeProgram
{
    /// <summary>Where the build puts it, beside this test's own folder: artifacts/bin/PROJECT/CONFIGURATION.</summary>
    public static readonly string Executable = Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Palisade.Server",
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "palisade");

    public sealed record Ended(int ExitCode, string Out, string Error)
    {
        public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public static Task<Ended> RunAsync(params string[] arguments) => RunWithInputAsync([], arguments);

    public static async Task<Ended> RunWithInputAsync(byte[] input, params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.BaseStream.WriteAsync(input, TestContext.Current.CancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Ended(process.ExitCode, await output, await error);
    }

    public static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(Executable, arguments)
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    /// <summary>Asks a process to stop, as Ctrl-C does.</summary>
    public static async Task<int> InterruptAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }
}
