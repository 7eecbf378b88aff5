using System.CommandLine;
using Palisade.Server.Cli.Approvals;

namespace Palisade.Server.Cli.Banks;

internal static class BankChangeVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The bank" };
        var rename = new Option<string?>("--rename") { Description = "Its new name", HelpName = "NAME" };
        var verb = new Verb(
            "change",
            "Change settings of a bank; what is not named stays as it is. Needs a second person where the bank would lead to nothing any more.",
            "palisade bank change hotline-list --max-distance 25 --allowed-action block",
            "palisade bank change old-list --enabled-ratio 0 --ask \"its owner has taken it back\"") { name, rename };
        var second = SecondPerson.AddTo(verb);
        var settings = BankSettingOptions.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await DataFolder.FindBankAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } bank)
            {
                return ExitCode.Error;
            }

            var wish = settings.Read(parsed) with { Name = parsed.GetValue(rename) };
            var answer = await records.Banks.ChangeAsync(bank.Id, wish, second.Approval(parsed), DataFolder.Me, cancellationToken);
            if (answer.IsRefused)
            {
                return await second.AnswerAsync(answer.Refusal, records, parsed, terminal, cancellationToken);
            }

            terminal.Out.WriteLine($"Changed the bank {answer.Value.Name}. A running service notices within a second.");
            return ExitCode.Ok;
        });
        return verb;
    }
}
