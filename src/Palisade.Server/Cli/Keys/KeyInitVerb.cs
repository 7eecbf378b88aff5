using System.CommandLine;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Server.Cli.Sealing;

namespace Palisade.Server.Cli.Keys;

internal static class KeyInitVerb
{
    public static Command Create(Terminal terminal)
    {
        var protection = new OperatorKeyChoice();
        var verb = new Verb(
            "init",
            "Make the first sealing key, so that evidence is kept: anybody may seal with it, and only the operator's key lets " +
            "evidence be opened. Asks for a passphrase unless told otherwise.",
            "palisade key init",
            "palisade key init --shares 3/5",
            "palisade key init --unseal-with \"systemd-creds decrypt /etc/palisade/operator.cred\"")
        {
            ExitCodes = "0 made, 2 refused or there is one",
        };
        protection.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            CoreDumps.Refuse();
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var ceremony = new KeyCeremony(records.Sealing);
            return await protection.MakeAsync(
                parsed,
                records.Options.Data,
                terminal,
                secret => ceremony.InitialiseAsync(secret, DataFolder.Me, cancellationToken),
                (threshold, count) => ceremony.InitialiseWithSharesAsync(threshold, count, DataFolder.Me, cancellationToken),
                "The sealing key is made: evidence is kept from now on. `palisade unseal` lets a running service open it.",
                cancellationToken);
        });
        return verb;
    }
}
