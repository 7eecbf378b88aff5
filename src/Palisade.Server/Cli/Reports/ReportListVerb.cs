using System.CommandLine;
using System.Globalization;
using Palisade.Reporting;
using Spectre.Console;

namespace Palisade.Server.Cli.Reports;

internal static class ReportListVerb
{
    public static Command Create(Terminal terminal)
    {
        var all = new Option<bool>("--all") { Description = "Those that are filed or cancelled too" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every report" };
        var verb = new Verb("list", "List the reports that are not filed yet, and why.", "palisade report list", "palisade report list --all --json") { all, json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var now = records.Clock.GetUtcNow();
            var table = new Table { Border = TableBorder.Simple };
            table.AddColumns("report", "case", "environment", "state", "due", "authority's number", "trouble");
            var shown = 0;
            IReadOnlyList<Report> page;
            for (var after = 0L; (page = await records.Reports.ListAsync(after, 1000, cancellationToken)).Count > 0; after = page[^1].Number)
            {
                foreach (var report in page.Where(report => parsed.GetValue(all) || !report.State.IsEnded()))
                {
                    shown++;
                    if (parsed.GetValue(json))
                    {
                        terminal.Out.WriteJsonLine(ReportLine.Of(report));
                        continue;
                    }

                    table.AddRow(
                        report.Number.ToString(CultureInfo.InvariantCulture), report.Case.ToString(), Words.Of(report.Environment), Words.Of(report.State),
                        report.IsLateAt(now) ? "LATE" : report.DueAt.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                        report.Progress.RemoteId?.ToString(CultureInfo.InvariantCulture) ?? "-",
                        Markup.Escape(Terminal.Escaped(report.Progress.Trouble ?? "")));
                }
            }

            if (!parsed.GetValue(json))
            {
                if (shown == 0)
                {
                    terminal.Out.WriteLine("No report waits. --all shows those that were filed.");
                }
                else
                {
                    terminal.Tables().Write(table);
                }
            }

            return ExitCode.Ok;
        });
        return verb;
    }
}

/// <summary>A report without what it says.</summary>
internal sealed record ReportLine(
    string Id, long Number, string Case, string Environment, string State, DateTimeOffset CreatedAt, DateTimeOffset DueAt, int Attempt,
    long? AuthorityNumber, DateTimeOffset? FiledAt, string? Trouble, int? TroubleCode, string? RequestId,
    IReadOnlyList<ReportFileLine> Files)
{
    public static ReportLine Of(Report report) => new(
        report.Id.ToString(), report.Number, report.Case.ToString(), Words.Of(report.Environment), Words.Of(report.State), report.CreatedAt,
        report.DueAt, report.Progress.Attempt, report.Progress.RemoteId, report.Progress.FiledAt, report.Progress.Trouble,
        report.Progress.TroubleCode, report.Progress.RequestId,
        [.. report.Progress.Files.Select(file => new ReportFileLine(file.Evidence, Words.Of(file.State), file.FileId))]);
}

internal sealed record ReportFileLine(string Evidence, string State, string? FileId);
