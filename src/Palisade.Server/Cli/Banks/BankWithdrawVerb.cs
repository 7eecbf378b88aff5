using System.CommandLine;
using Palisade.Banks;
using Palisade.Server.Cli.Approvals;

namespace Palisade.Server.Cli.Banks;

internal static class BankWithdrawVerb
{
    public static Command Create(Terminal terminal)
    {
        var signals = new Argument<long[]>("SIGNAL")
        {
            Description = "Numbers of signals, as bank signals and scan show them",
            Arity = ArgumentArity.OneOrMore,
        };
        var verb = new Verb(
            "withdraw",
            "Withdraw signals: they match nothing any more. Their rows stay, so that the history is whole.",
            "palisade bank withdraw 1042 1043") { signals };
        var second = SecondPerson.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            return await SignalStateChange.ApplyAsync(
                records, parsed.GetRequiredValue(signals), SignalState.Withdrawn, until: null, second, parsed, terminal,
                cancellationToken);
        });
        return verb;
    }
}
