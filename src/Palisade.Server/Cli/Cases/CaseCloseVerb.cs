using System.CommandLine;
using Palisade.Review;

namespace Palisade.Server.Cli.Cases;

internal static class CaseCloseVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = CaseArgument.Create();
        var action = Words.Option<PlatformAction>("--action", "What the platform is to do with every upload of the case");
        action.Required = true;
        var reason = new Option<string>("--reason") { Description = "Why; kept sealed with the case", HelpName = "TEXT", Required = true };
        var uploads = new Option<long?>("--uploads")
        {
            Description = "How many uploads you saw; refused when more have joined since",
            HelpName = "NUMBER",
        };
        var verb = new Verb(
            "close",
            "Close a case and tell the platform what to do: the verdict feed and the webhook have it at once.",
            "palisade case close 17 --action release --reason \"a harbour at dusk, nothing else\"") { name, action, reason, uploads };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await CaseArgument.FindAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } found)
            {
                return ExitCode.Error;
            }

            var told = parsed.GetValue(action)!.Value;
            return CaseArgument.Answer(
                await records.Cases.CloseAsync(
                    found.Id, told, parsed.GetRequiredValue(reason), parsed.GetValue(uploads), DataFolder.Me, cancellationToken),
                terminal,
                record => $"Closed case {record.Number}. The platform is told for each of its {record.Uploads:#,0} uploads: {Words.Of(told)}.");
        });
        return verb;
    }
}
