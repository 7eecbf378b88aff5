using System.CommandLine;

namespace Palisade.Server.Cli.Banks;

internal static class BankRemoveVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The bank; all its signals must be withdrawn" };
        var verb = new Verb("remove", "Remove a bank that holds no signal any more.", "palisade bank remove old-list") { name };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await DataFolder.FindBankAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } bank)
            {
                return ExitCode.Error;
            }

            var answer = await records.Banks.RemoveAsync(bank.Id, DataFolder.Me, cancellationToken);
            if (answer.IsRefused)
            {
                terminal.Complain(answer.Refusal.Reason);
                return ExitCode.Error;
            }

            terminal.Out.WriteLine($"Removed the bank {bank.Name}.");
            return ExitCode.Ok;
        });
        return verb;
    }
}
