using System.CommandLine;

namespace Palisade.Server.Cli.Webhooks;

/// <summary><c>palisade webhook</c>: how the platform is told of verdicts and decisions without asking.</summary>
internal static class WebhookVerb
{
    public static Command Create(Terminal terminal) => new Verb(
        "webhook",
        "Look after the signed calls by which the platform learns of verdicts and decisions. They are off until webhook.url is set.",
        "palisade webhook key /etc/palisade/webhook-1.key",
        "palisade webhook status")
    {
        WebhookKeyVerb.Create(terminal),
        WebhookStatusVerb.Create(terminal),
        WebhookTestVerb.Create(terminal),
    };
}
