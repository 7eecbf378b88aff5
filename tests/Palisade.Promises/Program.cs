using System.Diagnostics;
using Palisade.Promises;

const string Usage =
    """
    Tries the promises of the security model and writes what came of it to docs/reference/promises.md.

    palisade-promises [--long] [--only NUMBER] [--seed NUMBER] [--page FILE]

      --long   the large counts (hours)
      --only   one promise, such as T14.6; the page is not written then
      --seed   another seed than the usual one
      --page   another page
    """;
if (args.Contains("--help", StringComparer.Ordinal))
{
    Console.WriteLine(Usage);
    return 0;
}

var isLong = args.Contains("--long", StringComparer.Ordinal);
var only = ValueOf("--only");
var chosen = Promise.All.Where(promise => only is null || promise.Number == only).ToList();
if (chosen.Count == 0)
{
    Console.Error.WriteLine($"There is no promise {only}. There are: {string.Join(", ", Promise.All.Select(promise => promise.Number).Distinct())}.");
    return 2;
}

var results = new List<PromiseResult>();
foreach (var promise in chosen)
{
    Console.Error.WriteLine($"{promise.Number}: {promise.Says}");
    var result = await PromiseRun.TryAsync(promise, isLong, ValueOf("--seed"), TimeProvider.System);
    results.Add(result);
    Console.WriteLine($"{promise.Number,-6} {result.Verdict}: {promise.Says}. {result.Measured}");
}

if (only is null)
{
    var page = ValueOf("--page") ?? Path.Combine("docs", "reference", "promises.md");
    ResultsPage.Write(page, results, isLong, await CommitAsync(), TimeProvider.System.GetUtcNow());
    Console.WriteLine($"Written to {page}.");
}

return results.All(result => result.IsKept) ? 0 : 1;

string? ValueOf(string option) => Array.IndexOf(args, option) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;

static async Task<string> CommitAsync()
{
    using var git = Process.Start(new ProcessStartInfo("git", ["rev-parse", "--short", "HEAD"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
    var commit = (await git.StandardOutput.ReadToEndAsync()).Trim();
    await git.WaitForExitAsync();
    return git.ExitCode == 0 ? commit : "unknown";
}
