using System.Diagnostics;

namespace Palisade.Testing;

/// <summary>strace, where the system has it and lets it trace.</summary>
public static class SystemCallTrace
{
    /// <summary>Skips the calling test where nothing can be traced.</summary>
    public static async Task RequireAsync() => OptionalPart.Require(await CanTraceAsync(), "strace, allowed to trace: apt-get install strace");

    /// <summary>
    /// How often a line that begins an acknowledgement was printed, and how often before everything written up to there had
    /// been synchronised. One writer at a time: whatever was written to a file, or got a name, since the last sync that really
    /// happened is not safe yet.
    /// </summary>
    public static (int Acknowledgements, int Early) CountEarly(IEnumerable<string> trace, string acknowledgement)
    {
        var (acknowledgements, early, isDirty) = (0, 0, false);
        foreach (var line in trace)
        {
            if (line.Contains('"' + acknowledgement, StringComparison.Ordinal))
            {
                acknowledgements++;
                early += isDirty ? 1 : 0;
            }
            else if (line.Contains("sync", StringComparison.Ordinal))
            {
                // An injected success was never carried out, and strace says so at the line's end.
                isDirty &= !line.EndsWith("= 0", StringComparison.Ordinal);
            }
            else if (line.Contains(" pwrite64(", StringComparison.Ordinal) || line.Contains(" rename(", StringComparison.Ordinal) ||
                     line.Contains(" link(", StringComparison.Ordinal))
            {
                isDirty = true;
            }
        }

        return (acknowledgements, early);
    }

    private static async Task<bool> CanTraceAsync()
    {
        try
        {
            using var probe = Process.Start(new ProcessStartInfo("strace", ["-q", "-o", "/dev/null", "true"])
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            await probe.WaitForExitAsync();
            return probe.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
