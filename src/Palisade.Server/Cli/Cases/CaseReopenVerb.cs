using System.CommandLine;

namespace Palisade.Server.Cli.Cases;

internal static class CaseReopenVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = CaseArgument.Create();
        var reason = new Option<string>("--reason") { Description = "Why; kept sealed with the case", HelpName = "TEXT", Required = true };
        var verb = new Verb(
            "reopen",
            "Open a closed case again, after an appeal. Its clock begins anew; the platform hears of it when it is closed again.",
            "palisade case reopen 17 --reason \"the uploader appealed\"") { name, reason };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            return await CaseArgument.FindAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is { } found
                ? CaseArgument.Answer(
                    await records.Cases.ReopenAsync(found.Id, parsed.GetRequiredValue(reason), DataFolder.Me, cancellationToken),
                    terminal,
                    record => $"Case {record.Number} is open again.")
                : ExitCode.Error;
        });
        return verb;
    }
}
