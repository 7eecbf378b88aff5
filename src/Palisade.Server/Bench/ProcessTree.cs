using System.Globalization;

namespace Palisade.Server.Bench;

/// <summary>What a process and everything it started use, as Linux counts it under /proc.</summary>
public static class ProcessTree
{
    /// <summary>USER_HZ on every architecture of .NET; see proc(5).</summary>
    internal const double TicksPerSecond = 100;

    /// <summary>
    /// Memory in bytes: each process's proportional share, or its resident size where a sandbox hides the share.
    /// </summary>
    public static long MemoryBytes(int root) => Members(root).Sum(stat => MemoryBytesOf(stat.Id));

    /// <summary>The process and its descendants that are alive.</summary>
    internal static List<Stat> Members(int root)
    {
        var all = new List<Stat>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) &&
                Stat.TryRead(id) is { } stat)
            {
                all.Add(stat);
            }
        }

        var children = all.ToLookup(stat => stat.Parent);
        var members = all.Where(stat => stat.Id == root).ToList();
        for (var next = 0; next < members.Count; next++)
        {
            members.AddRange(children[members[next].Id]);
        }

        return members;
    }

    /// <summary>Processor seconds of the thread on which a .NET process compiles its hot code anew; 0 where it has none.</summary>
    internal static double CompilerSeconds(int id) => Directory.EnumerateDirectories($"/proc/{id}/task")
        .Select(folder => Stat.TryReadFile(Path.Combine(folder, "stat")))
        .OfType<Stat>()
        .Where(thread => thread.Name == ".NET Tiered Com")
        .Sum(thread => thread.Ticks) / TicksPerSecond;

    /// <summary>Of this process alone.</summary>
    public static long MemoryBytesOf(int id)
    {
        try
        {
            var line = File.ReadLines($"/proc/{id}/smaps_rollup").FirstOrDefault(text => text.StartsWith("Pss:", StringComparison.Ordinal));
            if (line is not null)
            {
                return 1024 * long.Parse(line.AsSpan(4).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Ended meanwhile, or a sandboxed process that may not be looked into.
        }

        try
        {
            var pages = File.ReadAllText($"/proc/{id}/statm").Split(' ')[1];
            return Environment.SystemPageSize * long.Parse(pages, CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>The fields of /proc/PID/stat that matter here; see proc(5). A thread's file has the same.</summary>
    /// <param name="Name">At most 15 characters.</param>
    /// <param name="StartedAt">With the id it names a process for good: ids are used again.</param>
    /// <param name="Ticks">Processor time of its own, in hundredths of a second.</param>
    internal sealed record Stat(int Id, string Name, int Parent, long StartedAt, long Ticks)
    {
        public static Stat? TryRead(int id) => TryReadFile($"/proc/{id}/stat");

        public static Stat? TryReadFile(string path)
        {
            string text;
            try
            {
                text = File.ReadAllText(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return null;
            }

            // The name in parentheses may itself hold spaces and parentheses; fields count from after the last one.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            var name = text.IndexOf('(') + 1;
            return new Stat(
                int.Parse(text.AsSpan(0, name - 2), CultureInfo.InvariantCulture),
                text[name..text.LastIndexOf(')')],
                int.Parse(fields[1], CultureInfo.InvariantCulture),
                Number(19),
                Number(11) + Number(12));

            long Number(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture);
        }
    }
}
