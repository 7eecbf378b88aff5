using System.CommandLine;
using Palisade.Reporting;

namespace Palisade.Server.Cli.Reports;

/// <summary><c>palisade report receipt</c>: the authority's last answer, byte for byte.</summary>
internal static class ReportReceiptVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = ReportArgument.Create();
        var verb = new Verb("receipt", "Print the authority's receipt as it came.", "palisade report receipt 3") { name };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await ReportArgument.FindAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } report)
            {
                return ExitCode.Error;
            }

            if (report is not { State: ReportState.Filed, Progress.Receipt: { } receipt })
            {
                terminal.Complain($"Report {report.Number} is {Words.Of(report.State)}; it has a receipt once it is filed.");
                return ExitCode.Error;
            }

            terminal.Out.WriteLine(Terminal.Escaped(System.Text.Encoding.UTF8.GetString(receipt)));
            return ExitCode.Ok;
        });
        return verb;
    }
}
