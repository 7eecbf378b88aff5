using System.CommandLine;
using System.Globalization;
using Palisade.Reporting;

namespace Palisade.Server.Cli.Reports;

/// <summary>A report as people name it: its short number, or its id.</summary>
internal static class ReportArgument
{
    public static Argument<string> Create() => new("REPORT") { Description = "The report's number, as report list shows it, or its id" };

    public static async Task<Report?> FindAsync(Installation records, string text, Terminal terminal, CancellationToken cancellationToken)
    {
        var found = ReportId.TryParse(text, out var id) ? await records.Reports.FindAsync(id, cancellationToken)
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? await records.Reports.FindAsync(number, cancellationToken)
                : null;
        if (found is null)
        {
            terminal.Complain($"There is no report '{text}'. `palisade report list` shows those that exist.");
        }

        return found;
    }

    public static int Answer((Report? Report, ReportRefused? Refusal) answer, Terminal terminal, string done)
    {
        if (answer.Refusal is { } refusal)
        {
            terminal.Complain(refusal.Reason);
            return ExitCode.Error;
        }

        terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Report {answer.Report!.Number}: {done}"));
        return ExitCode.Ok;
    }
}
