using System.CommandLine;
using System.Globalization;
using Palisade.Review.Webhook;
using Palisade.Server.Cli.Cases;

namespace Palisade.Server.Cli.Webhooks;

internal static class WebhookStatusVerb
{
    public static Command Create(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb("status", "Say what still waits for the platform, and why.", "palisade webhook status") { json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var status = await new WebhookOutbox(records.Store, records.Clock).StatusAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(new
                {
                    isOn = records.Options.Webhook.IsOn,
                    waiting = status.Waiting,
                    oldestSeconds = status.Oldest?.TotalSeconds,
                    failure = status.Failure,
                });
                return ExitCode.Ok;
            }

            terminal.Out.WriteLine(records.Options.Webhook.IsOn
                ? $"The webhook is on, to {records.Options.Webhook.Url}."
                : "The webhook is off; set webhook.url and webhook.keys in palisade.json.");
            terminal.Out.WriteLine(status.Waiting == 0
                ? "Nothing waits."
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{status.Waiting:#,0} calls wait, the oldest for {Age.Of(status.Oldest ?? TimeSpan.Zero)}{(status.Failure is { } why ? $", last because of {why}" : "")}."));
            return ExitCode.Ok;
        });
        return verb;
    }
}
