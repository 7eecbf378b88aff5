using System.CommandLine;
using System.Globalization;
using Palisade.Audit;
using Palisade.Review;
using Spectre.Console;

namespace Palisade.Server.Cli.Cases;

internal static class CaseListVerb
{
    private const int MostRows = 1000;

    public static Command Create(Terminal terminal)
    {
        var all = new Option<bool>("--all") { Description = "Decided and closed cases too" };
        var state = Words.Option<CaseState>("--state", "Only cases that are so");
        var owner = new Option<string?>("--owner") { Description = "Only the cases of this account", HelpName = "ACCOUNT" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every case" };
        var verb = new Verb(
            "list",
            "List the cases that wait for a decision, the one that is due first at the top.",
            "palisade case list",
            "palisade case list --all --json") { all, state, owner, json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var query = new CaseQuery
            {
                Limit = MostRows,
                State = parsed.GetValue(state),
                IsUndecidedOnly = !parsed.GetValue(all) && parsed.GetValue(state) is null,
                Owner = parsed.GetValue(owner) is { } account ? Actor.CommandLine(account).ToString() : null,
                ByClock = true,
            };
            var cases = await records.Cases.ListAsync(query, cancellationToken);
            if (parsed.GetValue(json))
            {
                foreach (var record in cases)
                {
                    terminal.Out.WriteJsonLine(CaseLine.Of(record));
                }

                return ExitCode.Ok;
            }

            var now = records.Clock.GetUtcNow();
            if (cases.Count > 0)
            {
                terminal.Tables().Write(Table(cases, now));
            }

            Summarise(await records.Cases.MeasureAsync(cancellationToken), cases.Count, terminal);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Summarise(CaseFigures figures, int shown, Terminal terminal)
    {
        var text = figures.Undecided == 0
            ? "No case waits for a decision."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{figures.Undecided:#,0} {(figures.Undecided == 1 ? "case waits" : "cases wait")}, {figures.Late:#,0} past their time.");
        terminal.Out.WriteLine(figures.OldestHeld is { } age ? $"{text} The oldest held upload has waited {Age.Of(age)}." : text);
        if (shown == MostRows)
        {
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Only the first {MostRows:#,0} are shown."));
        }
    }

    private static Table Table(IReadOnlyList<Case> cases, DateTimeOffset now)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("case").RightAligned());
        table.AddColumns("state", "verdict", "service");
        table.AddColumn(new TableColumn("uploads").RightAligned());
        table.AddColumn(new TableColumn("age").RightAligned());
        table.AddColumn(new TableColumn("held for").RightAligned());
        table.AddColumns("due", "owner", "why");
        foreach (var record in cases)
        {
            table.AddRow(
                record.Number.ToString(CultureInfo.InvariantCulture),
                Words.Of(record.State),
                record.Verdict is { } verdict ? Words.Of(verdict) : "-",
                Markup.Escape(record.Service),
                record.Uploads.ToString("#,0", CultureInfo.InvariantCulture),
                Age.Of(now - record.OpenedAt),
                record.HeldSince is { } since ? Age.Of(now - since) : "-",
                !record.State.IsUndecided() ? "-" : record.IsLateAt(now) ? $"[red]late by {Age.Of(now - record.DueAt)}[/]" : $"in {Age.Of(record.DueAt - now)}",
                Markup.Escape(Terminal.Escaped(record.Owner ?? "-")),
                Markup.Escape(record.Origin == CaseOrigin.Flag ? "flagged" : string.Join(", ", record.Reasons)));
        }

        return table;
    }
}

/// <summary>A case as <c>case list</c> and <c>case show</c> print it with <c>--json</c>.</summary>
internal sealed record CaseLine(
    string Id, long Number, CaseState State, CaseOrigin Origin, string Service, Policy.VerdictAction? Verdict, long Uploads,
    string? Owner, DateTimeOffset OpenedAt, DateTimeOffset DueAt, DateTimeOffset? HeldSince, DateTimeOffset ChangedAt,
    IReadOnlyList<string> Reasons, CaseReceipts Receipts)
{
    public static CaseLine Of(Case record) => new(
        record.Id.ToString(), record.Number, record.State, record.Origin, record.Service, record.Verdict, record.Uploads,
        record.Owner, record.OpenedAt, record.DueAt, record.HeldSince, record.ChangedAt, record.Reasons, record.Receipts);
}
