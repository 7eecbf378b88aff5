using System.Globalization;
using Palisade.Decoding;

namespace Palisade.Decoder.Tests;

/// <summary>A worker's memory as the kernel counts it.</summary>
internal static class WorkerMemory
{
    /// <summary>The most that any process of the worker (bubblewrap's and its own) ever held in memory.</summary>
    public static long PeakBytes(int processId) => Largest(processId, "VmHWM:");

    public static long NowBytes(int processId) => Largest(processId, "VmRSS:");

    private static long Largest(int processId, string field) =>
        WorkerUsage.Tree(processId).Max(id => Read($"/proc/{id}/status", field));

    private static long Read(string path, string field)
    {
        try
        {
            var line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture) << 10;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
