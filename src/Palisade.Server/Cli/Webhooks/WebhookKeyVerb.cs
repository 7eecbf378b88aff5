using System.CommandLine;
using Palisade.Review.Webhook;

namespace Palisade.Server.Cli.Webhooks;

internal static class WebhookKeyVerb
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "Where the key is written; it must not be there yet" };
        var verb = new Verb(
            "key",
            "Make a signing key. Give the same file to the platform by a safe way.",
            "palisade webhook key /etc/palisade/webhook-2.key") { file };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            await using (var writer = new StreamWriter(path, options))
            {
                await writer.WriteLineAsync(WebhookKey.NewText().AsMemory(), cancellationToken);
            }

            terminal.Out.WriteLine($"Wrote {path}, which only you may read. Name it in palisade.json beside the key that is there,");
            terminal.Out.WriteLine("give the platform the same file, and take the old key out when the platform knows the new one:");
            terminal.Out.WriteLine($"  \"webhook\": {{ \"url\": \"https://...\", \"keys\": [ {{ \"id\": \"k2\", \"secretFile\": \"{path}\" }} ] }}");
            return ExitCode.Ok;
        });
        return verb;
    }
}
