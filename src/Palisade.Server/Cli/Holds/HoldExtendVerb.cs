using System.CommandLine;

namespace Palisade.Server.Cli.Holds;

internal static class HoldExtendVerb
{
    public static Command Create(Terminal terminal)
    {
        var number = HoldVerb.Number();
        var until = MomentOption.Create("--until", "The new end [default: the renewal that its basis allows, or one more usual term from now]");
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb(
            "extend",
            "Lengthen a hold. A police letter is renewed once, for 90 days.",
            "palisade hold extend 3",
            "palisade hold extend 3 --until 2030-01-01") { number, until, json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var extended = await records.Holds.ExtendAsync(
                parsed.GetRequiredValue(number), parsed.GetValue(until), DataFolder.Me, cancellationToken);
            return HoldAnswers.Print(extended, parsed.GetValue(json), records, terminal, hold =>
                $"Hold {hold.Number} now keeps {hold.Subject} until {MomentOption.Shown(hold.EndsAt)}.");
        });
        return verb;
    }
}
