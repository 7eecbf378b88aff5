using System.CommandLine;
using System.Globalization;
using Palisade.Evidence.Holds;
using Spectre.Console;

namespace Palisade.Server.Cli.Holds;

internal static class HoldListVerb
{
    private const int Page = 1000;

    public static Command Create(Terminal terminal)
    {
        var of = new Option<string?>("--of") { Description = "Only those on this case or piece of evidence", HelpName = "WHAT" };
        var all = new Option<bool>("--all") { Description = "Those that have ended too" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every hold" };
        var verb = new Verb(
            "list", "List the holds and until when they keep.", "palisade hold list", "palisade hold list --of 17 --all --json")
        {
            ExitCodes = "0 all are whole, 2 a hold was damaged or changed outside Palisade",
        };
        verb.Add(of);
        verb.Add(all);
        verb.Add(json);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            HoldSubject? subject = null;
            if (parsed.GetValue(of) is { } text)
            {
                subject = await SubjectArgument.FindAsync(records, text, terminal, cancellationToken);
                if (subject is null)
                {
                    return ExitCode.Error;
                }
            }

            var now = records.Clock.GetUtcNow();
            var lines = (await ReadAsync(records, subject, cancellationToken))
                .Where(line => parsed.GetValue(all) || line.Hold?.IsActiveAt(now) != false)
                .ToList();
            if (parsed.GetValue(json))
            {
                foreach (var hold in lines.Select(line => line.Hold).OfType<Hold>())
                {
                    terminal.Out.WriteJsonLine(HoldView.Of(hold, now));
                }
            }
            else if (lines.Count == 0)
            {
                terminal.Out.WriteLine("No hold is active. `palisade hold place` places one; --all shows those that have ended.");
            }
            else
            {
                terminal.Tables().Write(Table(lines, now));
            }

            var damaged = lines.Where(line => line.Hold is null).ToList();
            foreach (var line in damaged)
            {
                terminal.Complain(new HoldRefused.Damaged(FormattableString.Invariant($"Hold {line.Number}")).Reason);
            }

            return damaged.Count == 0 ? ExitCode.Ok : ExitCode.Error;
        });
        return verb;
    }

    private static async Task<IReadOnlyList<HoldLine>> ReadAsync(
        Installation records, HoldSubject? subject, CancellationToken cancellationToken)
    {
        if (subject?.Evidence is { } id && await records.Evidence.FindAsync(id, cancellationToken) is { } evidence)
        {
            return await records.Holds.ListAsync(evidence, cancellationToken);
        }

        if (subject is { } one)
        {
            return await records.Holds.ListAsync(one, cancellationToken);
        }

        var lines = new List<HoldLine>();
        IReadOnlyList<HoldLine> page;
        do
        {
            page = await records.Holds.ListAsync(lines.Count == 0 ? 0 : lines[^1].Number, Page, cancellationToken);
            lines.AddRange(page);
        }
        while (page.Count == Page);

        return lines;
    }

    private static Table Table(IReadOnlyList<HoldLine> lines, DateTimeOffset now)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("hold").RightAligned());
        table.AddColumns("keeps", "basis", "by", "since", "until", "state", "reference");
        foreach (var line in lines)
        {
            var number = line.Number.ToString(CultureInfo.InvariantCulture);
            if (line.Hold is not { } hold)
            {
                table.AddRow(number, "?", "?", "?", "?", "?", "[red]damaged: counts as held[/]", "?");
                continue;
            }

            table.AddRow(
                number,
                hold.Subject.ToString(),
                Words.Of(hold.Basis),
                HoldRule.Of(hold.Basis).Source,
                Day(hold.StartsAt),
                Day(hold.EndsAt),
                hold.LiftedAt is { } lifted ? $"lifted {Day(lifted)}" : hold.IsActiveAt(now) ? "active" : "ended",
                Markup.Escape(Terminal.Escaped(hold.Reference ?? "-")));
        }

        return table;
    }

    private static string Day(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
