using System.CommandLine;
using Palisade.Banks;

namespace Palisade.Server.Cli.Banks;

internal static class BankCreateVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "1 to 64 of a-z, 0-9 and -" };
        var purpose = Words.Option<BankPurpose>("--purpose", "What its signals stand for");
        purpose.Required = true;
        var verb = new Verb(
            "create",
            "Begin a bank.",
            "palisade bank create hotline-list --owner \"Trust and safety\" --purpose known-material",
            "palisade bank create false-alarms --owner \"Trust and safety\" --purpose never-match") { name, purpose };
        var settings = BankSettingOptions.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var wish = settings.Read(parsed) with
            {
                Name = parsed.GetRequiredValue(name),
                Purpose = parsed.GetValue(purpose),
            };
            var answer = await records.Banks.CreateAsync(
                wish with { Owner = wish.Owner ?? LoginAccount.Name }, DataFolder.Me, cancellationToken);
            if (answer.IsRefused)
            {
                terminal.Complain(answer.Refusal.Reason);
                return ExitCode.Error;
            }

            terminal.Out.WriteLine($"Created the bank {answer.Value.Name}, owned by {Terminal.Escaped(answer.Value.Owner)}.");
            terminal.Out.WriteLine($"Fill it: palisade bank add {answer.Value.Name} PICTURE..., or palisade bank import {answer.Value.Name} FILE");
            return ExitCode.Ok;
        });
        return verb;
    }
}
