using System.CommandLine;
using Palisade.Banks;

namespace Palisade.Server.Cli.Banks;

internal static class BankDisableVerb
{
    public static Command Create(Terminal terminal)
    {
        var signals = new Argument<long[]>("SIGNAL")
        {
            Description = "Numbers of signals, as bank signals and scan show them",
            Arity = ArgumentArity.OneOrMore,
        };
        var hours = new Option<double>("--hours")
        {
            Description = "For how long, from now",
            DefaultValueFactory = _ => 24,
            HelpName = "HOURS",
        };
        hours.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 24 * 366))
            {
                result.AddError("--hours is more than 0 and at most 8784 (a year); bank withdraw is for good.");
            }
        });
        var verb = new Verb(
            "disable",
            "Let signals match nothing for a while; afterwards they are live again by themselves.",
            "palisade bank disable 1042 --hours 48") { signals, hours };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var until = TimeProvider.System.GetUtcNow().AddHours(parsed.GetValue(hours));
            return await SignalStateChange.ApplyAsync(
                records, parsed.GetRequiredValue(signals), SignalState.Disabled, until, second: null, parsed, terminal,
                cancellationToken);
        });
        return verb;
    }
}
