using System.CommandLine;
using Spectre.Console;

namespace Palisade.Server.Cli;

/// <summary><c>palisade doctor</c>: what is present, what is missing, what that costs and what adds it.</summary>
internal static class DoctorVerb
{
    public static Command Create(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every finding" };
        var verb = new Verb(
            "doctor",
            "Examine this system: what is present, what is missing, what that costs, and the command that adds it.",
            "palisade doctor",
            "palisade doctor --data /var/lib/palisade --json")
        {
            ExitCodes = "0 the service can run, 2 something that it needs is broken",
        };
        verb.Add(json);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = data.Read(parsed);
            var findings = await Examination.RunAsync(settings, cancellationToken);
            if (parsed.GetValue(json))
            {
                foreach (var finding in findings)
                {
                    terminal.Out.WriteJsonLine(finding);
                }
            }
            else
            {
                Print(findings, terminal);
            }

            return findings.Any(finding => finding.State == PartState.Broken) ? ExitCode.Error : ExitCode.Ok;
        });
        return verb;
    }

    private static void Print(IReadOnlyList<Finding> findings, Terminal terminal)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumn(new TableColumn("").NoWrap());
        table.AddColumn(new TableColumn("").NoWrap());
        table.AddColumn("");
        foreach (var finding in findings)
        {
            var mark = finding.State switch
            {
                PartState.Present => "[green]ok[/]",
                PartState.Missing => "[yellow]missing[/]",
                _ => "[red]broken[/]",
            };
            table.AddRow(mark, finding.Part, Markup.Escape(Terminal.Escaped(finding.Detail)));
            if (finding.Cost is not null)
            {
                table.AddRow("", "", $"[grey]costs:[/] {Markup.Escape(finding.Cost)}");
            }

            if (finding.Remedy is not null)
            {
                table.AddRow("", "", $"[grey]mend:[/]  {Markup.Escape(finding.Remedy)}");
            }
        }

        terminal.Tables().Write(table);
    }
}
