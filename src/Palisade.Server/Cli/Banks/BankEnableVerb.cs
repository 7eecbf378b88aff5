using System.CommandLine;
using Palisade.Banks;
using Palisade.Server.Cli.Approvals;

namespace Palisade.Server.Cli.Banks;

internal static class BankEnableVerb
{
    public static Command Create(Terminal terminal)
    {
        var signals = new Argument<long[]>("SIGNAL")
        {
            Description = "Numbers of signals, as bank signals and scan show them",
            Arity = ArgumentArity.OneOrMore,
        };
        var verb = new Verb(
            "enable",
            "Make signals live: ends their probation, and revives disabled and withdrawn ones.",
            "palisade bank enable 1042 1043") { signals };
        var second = SecondPerson.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            return await SignalStateChange.ApplyAsync(
                records, parsed.GetRequiredValue(signals), SignalState.Live, until: null, second, parsed, terminal,
                cancellationToken);
        });
        return verb;
    }
}
