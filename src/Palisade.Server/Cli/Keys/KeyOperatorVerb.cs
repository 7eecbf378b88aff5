using System.CommandLine;
using Palisade.Keys;
using Palisade.Server.Cli.Sealing;

namespace Palisade.Server.Cli.Keys;

internal static class KeyOperatorVerb
{
    public static Command Create(Terminal terminal)
    {
        var choice = new OperatorKeyChoice("--new-unseal-with");
        var verb = new Verb(
            "operator",
            "Change what opens the operator's key: another passphrase, shares, or a command. Asks for the present one first; it " +
            "opens nothing afterwards.",
            "palisade key operator",
            "palisade key operator --shares 3/5")
        {
            ExitCodes = "0 changed, 2 refused",
        };
        choice.AddTo(verb);
        var input = SecretInput.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            CoreDumps.Refuse();
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            using var before = await input.ReadAsync(parsed, records.Options, records.Sealing, terminal, cancellationToken);
            if (before is null)
            {
                return ExitCode.Error;
            }

            var ceremony = new KeyCeremony(records.Sealing);
            return await choice.MakeAsync(
                parsed,
                records.Options.Data,
                terminal,
                after => ceremony.ChangeOperatorKeyAsync(before, after, DataFolder.Me, cancellationToken),
                (threshold, count) => ceremony.ChangeToSharesAsync(before, threshold, count, DataFolder.Me, cancellationToken),
                "The operator's key is changed. Backups made before this still open by the old one: let them run out.",
                cancellationToken);
        });
        return verb;
    }
}
