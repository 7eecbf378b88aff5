using System.Globalization;

namespace Palisade.Decoding;

/// <summary>What a worker has used so far, read from the kernel and not from the worker.</summary>
internal static class WorkerUsage
{
    /// <summary>Kernel ticks in a second (USER_HZ), the same on every Linux that .NET runs on.</summary>
    private const int TicksPerSecond = 100;

    /// <summary>Processor time of the process and of everything it started (bubblewrap's child is the worker).</summary>
    public static TimeSpan ProcessorTimeOf(int processId) =>
        Tree(processId).Aggregate(TimeSpan.Zero, (sum, id) => sum + OwnProcessorTime(id));

    /// <summary>The process and its descendants, parents first.</summary>
    public static IEnumerable<int> Tree(int processId)
    {
        yield return processId;
        foreach (var child in ChildrenOf(processId).SelectMany(Tree))
        {
            yield return child;
        }
    }

    /// <summary>The kernel lists a child with the thread that started it.</summary>
    private static IEnumerable<int> ChildrenOf(int processId) =>
        ThreadsOf(processId).SelectMany(thread => Read(Path.Combine(thread, "children"))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture)));

    private static string[] ThreadsOf(int processId)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{processId}/task");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static TimeSpan OwnProcessorTime(int processId)
    {
        // The second field, the program's name, may hold anything, brackets too: count from the last bracket.
        var stat = Read($"/proc/{processId}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        const int user = 11, system = 12;
        return fields.Length <= system
            ? TimeSpan.Zero
            : TimeSpan.FromSeconds(
                (long.Parse(fields[user], CultureInfo.InvariantCulture) +
                 long.Parse(fields[system], CultureInfo.InvariantCulture)) / (double)TicksPerSecond);
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
