using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Server.Cli.Sealing;
using Palisade.Storage;

namespace Palisade.Server.Cli.Keys;

internal static class KeyRecoverVerb
{
    public static Command Create(Terminal terminal)
    {
        var verb = new Verb(
            "recover",
            "Bring a lost bank.key back from the store, with the operator's key.",
            "palisade key recover")
        {
            ExitCodes = "0 the file is there again, 2 refused",
        };
        var input = SecretInput.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            CoreDumps.Refuse();
            var options = data.Read(parsed);
            await using (var store = await Store.OpenAsync(options.StoreOptions, TimeProvider.System, cancellationToken))
            {
                using var secret = await input.ReadAsync(parsed, options, await KeyCeremony.OperatorKeyNeedsAsync(store, cancellationToken), terminal, cancellationToken);
                if (secret is null)
                {
                    return ExitCode.Error;
                }

                if (await KeyCeremony.RecoverBankKeyAsync(options.Data, store, secret, cancellationToken) is { } refusal)
                {
                    terminal.Complain(refusal);
                    return ExitCode.Error;
                }
            }

            await using var records = await Installation.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
            await records.Audit.RecordAsync(
                new AuditEntry { Action = "key.recovered", Actor = DataFolder.Me, Subject = KeyCeremony.BankKeySubject }, cancellationToken);
            terminal.Out.WriteLine($"{Path.Combine(Path.GetFullPath(options.Data), BankKey.FileName)} is there again.");
            return ExitCode.Ok;
        });
        return verb;
    }
}
