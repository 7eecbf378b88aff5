using System.CommandLine;

namespace Palisade.Server.Cli.Keys;

internal static class KeyRevokeVerb
{
    public static Command Create(Terminal terminal)
    {
        var id = new Argument<long>("ID") { Description = "The key's number, as key list shows it" };
        var verb = new Verb("revoke", "Revoke an API key; it is refused everywhere within five seconds.", "palisade key revoke 3") { id };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var number = parsed.GetRequiredValue(id);
            if (!await records.Keys.RevokeAsync(number, DataFolder.Me, cancellationToken))
            {
                terminal.Complain($"There is no key {number} that could be revoked. `palisade key list` shows them all.");
                return ExitCode.Error;
            }

            terminal.Out.WriteLine($"Key {number} is revoked.");
            return ExitCode.Ok;
        });
        return verb;
    }
}
