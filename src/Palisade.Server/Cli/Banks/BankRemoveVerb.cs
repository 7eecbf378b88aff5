using System.CommandLine;
using Palisade.Server.Cli.Approvals;

namespace Palisade.Server.Cli.Banks;

internal static class BankRemoveVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The bank; all its signals must be withdrawn" };
        var verb = new Verb(
            "remove",
            "Remove a bank that holds no signal any more. Needs a second person.",
            "palisade bank remove old-list --ask \"the agreement with its owner has ended\"",
            "palisade bank remove old-list --approval 12") { name };
        var second = SecondPerson.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await DataFolder.FindBankAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } bank)
            {
                return ExitCode.Error;
            }

            var answer = await records.Banks.RemoveAsync(bank.Id, second.Approval(parsed), DataFolder.Me, cancellationToken);
            if (answer.IsRefused)
            {
                return await second.AnswerAsync(answer.Refusal, records, parsed, terminal, cancellationToken);
            }

            terminal.Out.WriteLine($"Removed the bank {bank.Name}.");
            return ExitCode.Ok;
        });
        return verb;
    }
}
