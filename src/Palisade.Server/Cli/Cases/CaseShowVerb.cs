using System.CommandLine;
using System.Globalization;
using Palisade.Review;
using Spectre.Console;

namespace Palisade.Server.Cli.Cases;

internal static class CaseShowVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = CaseArgument.Create();
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb(
            "show",
            "Show what is known of a case, never its pictures. That you looked is on the audit log.",
            "palisade case show 17") { name, json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await CaseArgument.FindAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } found ||
                await records.Cases.ViewAsync(found.Id, DataFolder.Me, cancellationToken) is not { } detail)
            {
                return ExitCode.Error;
            }

            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(new
                {
                    @case = CaseLine.Of(detail.Case),
                    uploads = detail.Uploads.Select(upload => new
                    {
                        upload.Source,
                        upload.Position,
                        upload.Service,
                        upload.Verdict,
                        evidence = upload.Evidence?.ToString(),
                        upload.Gap,
                        upload.CameAt,
                        facts = ForReviewer(upload.Facts),
                    }),
                    detail.Notes,
                    detail.Decisions,
                });
            }
            else
            {
                Print(detail, records.Clock.GetUtcNow(), terminal);
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    /// <summary>Without the upload's own hash, which only matching needs.</summary>
    private static CaseUploadFacts ForReviewer(CaseUploadFacts facts) => facts with
    {
        Matches = [.. facts.Matches.Select(match => match with { Region = match.Region is { } region ? region with { UploadPdq = null } : null })],
    };

    private static void Print(CaseDetail detail, DateTimeOffset now, Terminal terminal)
    {
        var record = detail.Case;
        var receipts = record.Receipts;
        Line("case", $"{record.Number}  {record.Id}");
        Line("state", $"{Words.Of(record.State)}{(record.Owner is { } owner ? $", with {Terminal.Escaped(owner)}" : "")}");
        Line("verdict", record.Verdict is { } verdict ? Words.Of(verdict) : "none, flagged by a person");
        Line("service", record.Service);
        Line("opened", $"{At(record.OpenedAt)}, {Age.Of(now - record.OpenedAt)} ago");
        if (record.State.IsUndecided())
        {
            Line("due", record.IsLateAt(now) ? $"LATE by {Age.Of(now - record.DueAt)}" : $"{At(record.DueAt)}, in {Age.Of(record.DueAt - now)}");
        }

        if (record.HeldSince is { } since)
        {
            Line("held", $"an upload has been kept back for {Age.Of(now - since)}");
        }

        Line("receipts", $"detected {At(receipts.Detected)}");
        Line("", $"decided {At(receipts.Decided)}, preserved until {At(receipts.PreservedUntil)}");
        Line("", $"reported {At(receipts.Reported)}{(receipts.ReportNumber is { } number ? $" as {Terminal.Escaped(number)}" : "")}, fed back {At(receipts.FedBack)}");
        terminal.Tables().Write(TableOf(detail.Uploads));
        foreach (var (source, match) in detail.Uploads.SelectMany(upload => upload.Facts.Matches.Select(match => (upload.Source, match))))
        {
            if (match.Region is { } region)
            {
                terminal.Out.WriteLine($"{source}, {match.Bank} signal {match.Signal}:");
                terminal.Out.WriteLine("  " + string.Join("\n  ", region.ToLines()));
            }
        }

        if (record.Uploads > detail.Uploads.Count)
        {
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The newest {detail.Uploads.Count} of {record.Uploads:#,0} uploads are shown."));
        }

        foreach (var note in detail.Notes)
        {
            terminal.Out.WriteLine($"{At(note.WrittenAt)} {Terminal.Escaped(note.By)}: {Terminal.Escaped(note.Text)}");
        }

        foreach (var decision in detail.Decisions)
        {
            terminal.Out.WriteLine($"{At(decision.DecidedAt)} {Terminal.Escaped(decision.By)} decided {Words.Of(decision.Action)}: {Terminal.Escaped(decision.Reason)}");
        }

        void Line(string label, string text) => terminal.Out.WriteLine($"{label,-9} {text}");
    }

    private static Table TableOf(IReadOnlyList<CaseUpload> uploads)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("upload", "came", "verdict", "content id", "uploader", "matched", "evidence");
        foreach (var upload in uploads)
        {
            var acting = upload.Facts.Matches.Where(match => !match.Shadow).ToList();
            table.AddRow(
                upload.Source,
                At(upload.CameAt),
                upload.Verdict is { } verdict ? Words.Of(verdict) : "flag",
                Text(upload.Facts.ContentId),
                Text(upload.Facts.UploaderToken),
                acting.Count > 0
                    ? Text(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{acting[0].Bank} signal {acting[0].Signal}, {(acting[0].Region is { } region ? $"{region.Band}, {region.Score} points" : $"{acting[0].Distance} bits")}"))
                    : Text(upload.Facts.Flag?.Category ?? (upload.Facts.Reasons is [var reason, ..] ? reason : null)),
                upload.Gap is { } gap ? $"no bytes: {Words.Of(gap)}" : upload.Evidence?.ToString() ?? "-");
        }

        return table;

        static string Text(string? text) => Markup.Escape(Terminal.Escaped(text ?? "-"));
    }

    private static string At(DateTimeOffset? moment) =>
        moment is { } known ? known.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "not yet";
}
