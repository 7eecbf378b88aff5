using System.CommandLine;
using System.Globalization;
using Palisade.Server.Cli.Holds;

namespace Palisade.Server.Cli.Protecting;

internal static class ProtectionShowVerb
{
    public static Command Create(Terminal terminal)
    {
        var number = new Argument<long>("NUMBER") { Description = "The protection" };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb(
            "show",
            "Show a protection with its owner's contact and consent. That you looked is on the audit log.",
            "palisade protect show 4") { number, json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await records.Protections.ViewAsync(parsed.GetRequiredValue(number), DataFolder.Me, cancellationToken) is not { } found)
            {
                terminal.Complain("There is no such protection. List them: palisade protect list");
                return ExitCode.Error;
            }

            var signals = found.Signals.Select(signal => signal.ToString());
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(new
                {
                    found.Number,
                    found.BegunAt,
                    found.ExpiresAt,
                    found.EndedAt,
                    found.EndedWhy,
                    found.Consent,
                    signals,
                });
                return ExitCode.Ok;
            }

            Line("protection", found.Number.ToString(CultureInfo.InvariantCulture));
            Line("contact", found.Consent?.Contact ?? "erased");
            Line("consent", found.Consent?.Text ?? "erased");
            Line("begun", MomentOption.Shown(found.BegunAt));
            Line("expires", MomentOption.Shown(found.ExpiresAt));
            Line("ended", found is { EndedAt: { } at, EndedWhy: { } why } ? $"{MomentOption.Shown(at)}, {Words.Of(why)}" : "no");
            Line("signals", string.Join(", ", signals));
            return ExitCode.Ok;
        });
        return verb;

        void Line(string label, string value) => terminal.Out.WriteLine($"{label,-10} {Terminal.Escaped(value)}");
    }
}
