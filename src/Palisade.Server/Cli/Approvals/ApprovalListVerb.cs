using System.CommandLine;
using System.Globalization;
using Palisade.Approvals;
using Spectre.Console;

namespace Palisade.Server.Cli.Approvals;

internal static class ApprovalListVerb
{
    private const int MostRows = 200;

    public static Command Create(Terminal terminal)
    {
        var all = new Option<bool>("--all") { Description = "Answered and ended requests too" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every request" };
        var verb = new Verb("list", "List the requests that wait for a second person.", "palisade approval list") { all, json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var approvals = await records.Approvals.ListAsync(!parsed.GetValue(all), MostRows, cancellationToken);
            if (parsed.GetValue(json))
            {
                foreach (var approval in approvals)
                {
                    terminal.Out.WriteJsonLine(new
                    {
                        id = approval.Id,
                        operation = approval.Operation,
                        subject = approval.Subject,
                        content = Convert.ToHexStringLower(approval.Content),
                        state = approval.State,
                        requester = approval.Requester,
                        reason = approval.Reason,
                        approver = approval.Approver,
                        requestedAt = approval.RequestedAt,
                        endsAt = approval.EndsAt,
                    });
                }

                return ExitCode.Ok;
            }

            if (approvals.Count == 0)
            {
                terminal.Out.WriteLine("Nothing waits for a second person.");
            }
            else
            {
                terminal.Tables().Write(Table(approvals, records.Clock.GetUtcNow()));
            }

            if (records.Approvals.IsSingleOperator)
            {
                terminal.Out.WriteLine("single-operator-i-accept is set: the second person may be the first one, 24 hours later.");
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    private static Table Table(IReadOnlyList<Approval> approvals, DateTimeOffset now)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("request").RightAligned());
        table.AddColumns("what", "of", "asked by", "why", "state");
        foreach (var approval in approvals)
        {
            table.AddRow(
                approval.Id.ToString(CultureInfo.InvariantCulture),
                Words.Of(approval.Operation),
                Markup.Escape(approval.Subject),
                Markup.Escape(Terminal.Escaped(approval.Requester)),
                Markup.Escape(Terminal.Escaped(approval.Reason)),
                State(approval, now));
        }

        return table;
    }

    private static string State(Approval approval, DateTimeOffset now) => approval.State switch
    {
        ApprovalState.Requested or ApprovalState.Approved when now >= approval.EndsAt => "ended",
        ApprovalState.Requested => $"waits until {approval.EndsAt:yyyy-MM-dd HH:mm}",
        ApprovalState.Approved => $"approved by {Markup.Escape(Terminal.Escaped(approval.Approver ?? ""))}, until {approval.EndsAt:yyyy-MM-dd HH:mm}",
        _ => Words.Of(approval.State),
    };
}
