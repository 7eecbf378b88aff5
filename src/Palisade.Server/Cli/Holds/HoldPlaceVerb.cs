using System.CommandLine;
using Palisade.Evidence.Holds;
using Palisade.Server.Cli.Cases;

namespace Palisade.Server.Cli.Holds;

internal static class HoldPlaceVerb
{
    public static Command Create(Terminal terminal)
    {
        var subject = SubjectArgument.Create();
        var basis = Words.Option<HoldBasis>("--basis", "Why it is kept");
        basis.Required = true;
        var from = MomentOption.Create("--from", "When the report was submitted, or the letter is dated [default: now]");
        var until = MomentOption.Create("--until", "The end [default: the usual term of the basis]");
        var reference = new Option<string?>("--reference") { Description = "The report's, letter's or order's own number; kept sealed", HelpName = "TEXT" };
        var reason = new Option<string?>("--reason") { Description = "Why, in your words; kept sealed", HelpName = "TEXT" };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb(
            "place",
            "Place a hold on a case with all its evidence, or on one piece of evidence.",
            "palisade hold place 17 --basis filed-report --from 2027-03-01 --reference 4001",
            "palisade hold place 17 --basis legal-process --until 2029-01-01 --reference \"order 12 Gs 34/27\"")
        {
            subject, basis, from, until, reference, reason, json,
        };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await SubjectArgument.FindAsync(records, parsed.GetRequiredValue(subject), terminal, cancellationToken) is not { } held)
            {
                return ExitCode.Error;
            }

            var placed = await records.Holds.PlaceAsync(
                new HoldRequest
                {
                    Subject = held,
                    Basis = parsed.GetValue(basis)!.Value,
                    StartsAt = parsed.GetValue(from),
                    EndsAt = parsed.GetValue(until),
                    Reference = parsed.GetValue(reference),
                    Reason = parsed.GetValue(reason),
                },
                DataFolder.Me,
                cancellationToken);
            return HoldAnswers.Print(placed, parsed.GetValue(json), records, terminal, hold =>
                $"Hold {hold.Number} keeps {hold.Subject} until {MomentOption.Shown(hold.EndsAt)} ({HoldRule.Of(hold.Basis).Source}).");
        });
        return verb;
    }
}

/// <summary>What is held, as people name it: a case's number or id, or a piece of evidence's id.</summary>
internal static class SubjectArgument
{
    public static Argument<string> Create() => new("WHAT") { Description = "A case's number or id, or the id of a piece of evidence" };

    /// <returns>Null, having said so, when there is no such thing.</returns>
    public static async Task<HoldSubject?> FindAsync(
        Installation records, string text, Terminal terminal, CancellationToken cancellationToken) =>
        HoldSubject.TryParse(text, out var subject) ? subject
            : await CaseArgument.FindAsync(records, text, terminal, cancellationToken) is { } found ? HoldSubject.Of(found.Id)
            : null;
}

/// <summary>How a verb about one hold ends.</summary>
internal static class HoldAnswers
{
    public static int Print(HoldAnswer<Hold> answer, bool isJson, Installation records, Terminal terminal, Func<Hold, string> done)
    {
        if (answer.IsRefused)
        {
            terminal.Complain(answer.Refusal.Reason);
            return ExitCode.Error;
        }

        if (isJson)
        {
            terminal.Out.WriteJsonLine(HoldView.Of(answer.Value, records.Clock.GetUtcNow()));
        }
        else
        {
            terminal.Out.WriteLine(done(answer.Value));
        }

        return ExitCode.Ok;
    }
}
