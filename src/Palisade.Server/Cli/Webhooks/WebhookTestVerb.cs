using System.CommandLine;
using System.Security.Cryptography;
using Palisade.Review.Webhook;

namespace Palisade.Server.Cli.Webhooks;

internal static class WebhookTestVerb
{
    public static Command Create(Terminal terminal)
    {
        var verb = new Verb(
            "test",
            "Make one signed call of the type \"test\" and say how the platform answered. It tells of no verdict.",
            "palisade webhook test")
        {
            ExitCodes = "0 the platform took it, 2 it did not",
        };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var options = data.Read(parsed).Webhook;
            if (!options.IsOn)
            {
                terminal.Complain("The webhook is off; set webhook.url and webhook.keys in palisade.json.");
                return ExitCode.Error;
            }

            using var sender = new WebhookSender(options, TimeProvider.System);
            var id = "whm_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
            if (await sender.SendAsync(id, "{\"type\":\"test\"}"u8.ToArray(), cancellationToken) is { } failure)
            {
                terminal.Complain($"The call did not arrive: {Words.Of(failure)}.");
                return ExitCode.Error;
            }

            terminal.Out.WriteLine("The platform took the call.");
            return ExitCode.Ok;
        });
        return verb;
    }
}
