using System.CommandLine;

namespace Palisade.Server.Cli.Audit;

internal static class AuditForgetVerb
{
    public static Command Create(Terminal terminal)
    {
        var pseudonym = new Argument<string>("PSEUDONYM") { Description = "As audit list --json shows it: act_ and 32 digits" };
        var verb = new Verb(
            "forget",
            "Forget whose a pseudonym is. The log keeps every entry; the name is gone for good.",
            "palisade audit forget act_0123456789abcdef0123456789abcdef")
        {
            pseudonym,
        };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (!await records.Audit.ForgetNameAsync(parsed.GetRequiredValue(pseudonym), DataFolder.Me, cancellationToken))
            {
                terminal.Complain("No name is known for that pseudonym. `palisade audit list --names` shows those that are.");
                return ExitCode.Error;
            }

            terminal.Out.WriteLine("The name is forgotten.");
            return ExitCode.Ok;
        });
        return verb;
    }
}
