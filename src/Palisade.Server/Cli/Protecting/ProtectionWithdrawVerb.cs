using System.CommandLine;
using System.Globalization;

namespace Palisade.Server.Cli.Protecting;

internal static class ProtectionWithdrawVerb
{
    public static Command Create(Terminal terminal)
    {
        var number = new Argument<long>("NUMBER") { Description = "The protection" };
        var verb = new Verb(
            "withdraw",
            "End a protection at once: its photos match no more, and their region codes and who the owner was are erased.",
            "palisade protect withdraw 4") { number };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await records.Protections.WithdrawAsync(parsed.GetRequiredValue(number), DataFolder.Me, cancellationToken) is not { } ended)
            {
                terminal.Complain("There is no such protection, or it has ended already. List them: palisade protect list");
                return ExitCode.Error;
            }

            terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Protection {ended.Number} has ended: {ended.Signals.Count} signals withdrawn, region codes, contact and consent erased."));
            return ExitCode.Ok;
        });
        return verb;
    }
}
