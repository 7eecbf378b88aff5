using System.CommandLine;
using Palisade.Audit;

namespace Palisade.Server.Cli.Cases;

internal static class CaseAssignVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = CaseArgument.Create();
        var to = new Option<string?>("--to") { Description = "The account that gets it [default: you]", HelpName = "ACCOUNT" };
        var nobody = new Option<bool>("--nobody") { Description = "Put it back into the queue" };
        var verb = new Verb(
            "assign",
            "Take a case, hand it to a colleague, or put it back.",
            "palisade case assign 17",
            "palisade case assign 17 --to anna") { name, to, nobody };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await CaseArgument.FindAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } found)
            {
                return ExitCode.Error;
            }

            Actor? owner = parsed.GetValue(nobody) ? null
                : parsed.GetValue(to) is { } account ? Actor.CommandLine(account) : DataFolder.Me;
            return CaseArgument.Answer(
                await records.Cases.AssignAsync(found.Id, owner, DataFolder.Me, cancellationToken),
                terminal,
                record => record.Owner is null
                    ? $"Case {record.Number} is back in the queue."
                    : $"Case {record.Number} is with {Terminal.Escaped(record.Owner)}.");
        });
        return verb;
    }
}
