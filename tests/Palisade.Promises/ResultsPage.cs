using System.Globalization;
using System.Text;

namespace Palisade.Promises;

/// <summary>Writes results into docs/reference/promises.md, below a line that people leave alone.</summary>
internal static class ResultsPage
{
    private const string Begin = "<!-- Results: written by palisade-promises, not by hand. -->";

    public static void Write(string page, IReadOnlyList<PromiseResult> results, bool isLong, string commit, DateTimeOffset now)
    {
        var text = File.ReadAllText(page);
        var at = text.IndexOf(Begin, StringComparison.Ordinal);
        var head = at >= 0 ? text[..at] : text.TrimEnd() + "\n\n";
        File.WriteAllText(page, head + Render(results, isLong, commit, now));
    }

    private static string Render(IReadOnlyList<PromiseResult> results, bool isLong, string commit, DateTimeOffset now)
    {
        var page = new StringBuilder(Begin).Append("\n\n## Results\n\n");
        page.Append(CultureInfo.InvariantCulture, $"{now.UtcDateTime:yyyy-MM-dd HH:mm} UTC, {(isLong ? "large" : "usual")} counts, commit {commit}, {Machine()}.\n\n");
        page.Append("| Test | Promise | Result | Measured | Took |\n| --- | --- | --- | --- | --- |\n");
        foreach (var result in results)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {result.Promise.Number} | {result.Promise.Says} | {result.Verdict} | {result.Measured} | {result.Took.TotalSeconds:0} s |\n");
        }

        return page.ToString();
    }

    private static string Machine()
    {
        const string Processors = "/proc/cpuinfo";
        var model = File.Exists(Processors)
            ? File.ReadLines(Processors).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : null;
        var gibibytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} processors{(model is null ? "" : $" ({model})")}, {gibibytes:0} GiB, .NET {Environment.Version}");
    }
}
