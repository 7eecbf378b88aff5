using System.CommandLine;
using Palisade.Server.Cli.Approvals;

namespace Palisade.Server.Cli.Holds;

internal static class HoldShortenVerb
{
    public static Command Create(Terminal terminal)
    {
        var number = HoldVerb.Number();
        var until = MomentOption.Create("--until", "The new end; never before the least time that the law asks for");
        until.Required = true;
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb(
            "shorten",
            "Let a hold end earlier. Needs a second person, and stops at the law's least time.",
            "palisade hold shorten 3 --until 2028-06-01 --ask \"the order was withdrawn\"",
            "palisade hold shorten 3 --until 2028-06-01 --approval 12") { number, until, json };
        var second = SecondPerson.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var (hold, end) = (parsed.GetRequiredValue(number), parsed.GetValue(until)!.Value);
            if (second.Approval(parsed) is { } approval)
            {
                var shortened = await records.Holds.ShortenAsync(hold, end, approval, DataFolder.Me, cancellationToken);
                return HoldAnswers.Print(shortened, parsed.GetValue(json), records, terminal, changed =>
                    $"Hold {changed.Number} now keeps {changed.Subject} until {MomentOption.Shown(changed.EndsAt)}.");
            }

            if (second.Why(parsed) is not { } why)
            {
                terminal.Complain("Nobody shortens a hold alone. Nothing was changed. Run this again with --ask \"WHY\" to ask a second person.");
                return ExitCode.Error;
            }

            var asked = await records.Holds.AskToShortenAsync(hold, end, why, DataFolder.Me, cancellationToken);
            if (asked.IsRefused)
            {
                terminal.Complain(asked.Refusal.Reason);
                return ExitCode.Error;
            }

            return SecondPerson.Waits(asked.Value.Approval, records, terminal);
        });
        return verb;
    }
}
