using System.CommandLine;
using System.Globalization;
using Palisade.Evidence.Holds;
using Palisade.Evidence.Holds.Destruction;
using Spectre.Console;

namespace Palisade.Server.Cli.Evidence;

internal static class EvidenceListVerb
{
    private const int Page = 500;

    public static Command Create(Terminal terminal)
    {
        var all = new Option<bool>("--all") { Description = "Destroyed evidence too" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every piece" };
        var verb = new Verb(
            "list", "List evidence with what keeps it and when it is due.", "palisade evidence list", "palisade evidence list --all --json")
        {
            ExitCodes = "0 all is whole, 2 a record is damaged",
        };
        verb.Add(all);
        verb.Add(json);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var register = records.RegisterOf(await records.LoadRetentionAsync(cancellationToken));
            var lines = new List<EvidenceLine>();
            IReadOnlyList<EvidenceLine> page;
            do
            {
                page = await register.ListAsync(lines.Count == 0 ? "" : lines[^1].Id, Page, parsed.GetValue(all), cancellationToken);
                lines.AddRange(page);
            }
            while (page.Count == Page);

            if (parsed.GetValue(json))
            {
                foreach (var line in lines)
                {
                    terminal.Out.WriteJsonLine(EvidenceView.Of(line));
                }
            }
            else if (lines.Count == 0)
            {
                terminal.Out.WriteLine("There is no evidence. Uploads that are not clean are sealed when they come.");
            }
            else
            {
                terminal.Tables().Write(Table(lines));
            }

            return lines.TrueForAll(line => line.Fault is null) ? ExitCode.Ok : ExitCode.Error;
        });
        return verb;
    }

    private static Table Table(IReadOnlyList<EvidenceLine> lines)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("evidence", "case");
        table.AddColumn(new TableColumn("bytes").RightAligned());
        table.AddColumns("since", "held until", "due when unheld");
        foreach (var line in lines)
        {
            table.AddRow(
                Markup.Escape(Terminal.Escaped(line.Id)),
                line.Record?.CaseId ?? "?",
                line.Record?.SizeBytes.ToString("#,0", CultureInfo.InvariantCulture) ?? "?",
                Day(line.Record?.AdmittedAt),
                line.Fault is { } fault ? $"[red]{Markup.Escape(fault)}[/]"
                    : line.Record?.DestroyedAt is { } destroyed ? $"destroyed {Day(destroyed)}"
                    : Day((line.Standing as HoldStanding.Held)?.Until),
                Day(line.Due?.At));
        }

        return table;
    }

    private static string Day(DateTimeOffset? moment) =>
        moment is { } known ? known.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "-";
}
