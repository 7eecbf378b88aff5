using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Palisade.Signals.Bench;

/// <summary>Processor time of the calling thread, which other work on the machine does not lengthen much.</summary>
internal static partial class Processor
{
    // CLOCK_THREAD_CPUTIME_ID of Linux.
    private const int ThreadTime = 3;

    /// <summary>Median of several runs of an act, in seconds.</summary>
    public static double Median(int runs, Action act)
    {
        var seconds = new double[runs];
        for (var run = 0; run < runs; run++)
        {
            var before = Seconds();
            act();
            seconds[run] = Seconds() - before;
        }

        Array.Sort(seconds);
        return seconds[runs / 2];
    }

    public static double Seconds()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
        }

        ReadClock(ThreadTime, out var time);
        return time.Seconds + (time.Nanoseconds * 1e-9);
    }

    /// <summary>Runs a peer and gives the comma-separated fields of its last line.</summary>
    public static string[] AskPeer(string path, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(path, arguments)
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return process.ExitCode == 0 && lines.Length > 0
            ? lines[^1].Trim().Split(',')
            : throw new InvalidOperationException($"The peer {path} ended with {process.ExitCode} and no answer.");
    }

    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
