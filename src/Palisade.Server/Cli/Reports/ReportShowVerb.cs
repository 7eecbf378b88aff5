using System.CommandLine;
using System.Globalization;
using Palisade.Reporting;

namespace Palisade.Server.Cli.Reports;

internal static class ReportShowVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = ReportArgument.Create();
        var json = new Option<bool>("--json") { Description = "As JSON" };
        var verb = new Verb("show", "Show how far a report has come, and every exchange with the authority.", "palisade report show 3") { name, json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await ReportArgument.FindAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } report)
            {
                return ExitCode.Error;
            }

            var exchanges = await records.Reports.ExchangesAsync(report.Id, cancellationToken);
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(new { report = ReportLine.Of(report), exchanges });
                return ExitCode.Ok;
            }

            var progress = report.Progress;
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"report      {report.Number}  {report.Id}, attempt {progress.Attempt}"));
            terminal.Out.WriteLine($"environment {Words.Of(report.Environment).ToUpperInvariant()}");
            terminal.Out.WriteLine($"case        {report.Case}");
            terminal.Out.WriteLine($"state       {Words.Of(report.State)}");
            terminal.Out.WriteLine($"due         {report.DueAt:yyyy-MM-dd HH:mm}");
            terminal.Out.WriteLine($"number      {progress.RemoteId?.ToString(CultureInfo.InvariantCulture) ?? "none yet"}");
            if (progress.Trouble is { } trouble)
            {
                terminal.Out.WriteLine($"trouble     {Terminal.Escaped(trouble)}");
            }

            foreach (var file in progress.Files)
            {
                terminal.Out.WriteLine($"file        {file.Evidence} {Words.Of(file.State)} {Terminal.Escaped(file.FileId ?? "")}");
            }

            foreach (var exchange in exchanges)
            {
                terminal.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{exchange.At:yyyy-MM-dd HH:mm:ss} {Words.Of(exchange.Step)} {Words.Of(exchange.Class)} code {exchange.Code} request {Terminal.Escaped(exchange.RequestId ?? "-")}"));
            }

            return ExitCode.Ok;
        });
        return verb;
    }
}
