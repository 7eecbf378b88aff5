using System.CommandLine;
using System.Security.Cryptography;
using Palisade.Keys;
using Palisade.Server.Control;

namespace Palisade.Server.Cli.Sealing;

/// <summary><c>palisade unseal</c>: lets the running service open evidence.</summary>
internal static class UnsealVerb
{
    public static Command Create(Terminal terminal)
    {
        var reason = new Option<string?>("--reason") { Description = "Why, for the audit log", HelpName = "TEXT" };
        var verb = new Verb(
            "unseal",
            "Give the running service the operator's key, so that it can open evidence until it is sealed or stopped. Asks at the " +
            "terminal without echo, or reads standard input: one line for a passphrase, a line each for shares.",
            "palisade unseal",
            "palisade unseal --reason \"morning shift\"",
            "palisade unseal --unseal-with \"vault kv get -field=key secret/palisade\"")
        {
            ExitCodes = "0 unsealed, 2 refused, or no service runs on this folder",
        };
        verb.Add(reason);
        var input = SecretInput.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            CoreDumps.Refuse();
            var options = data.Read(parsed);
            if (await ControlClient.AskAsync(options.Data, Request(ControlRequest.Status), cancellationToken) is null)
            {
                return NobodyRuns(options.Data, terminal);
            }

            await using var records = await data.OpenAsync(parsed, cancellationToken);
            using var secret = await input.ReadAsync(parsed, options, records.Sealing, terminal, cancellationToken);
            return secret is null
                ? ExitCode.Error
                : await UnsealAsync(options.Data, secret, parsed.GetValue(reason), terminal, cancellationToken);
        });
        return verb;
    }

    /// <summary>Hands a secret to the service that runs on a folder, and says how it went.</summary>
    public static async Task<int> UnsealAsync(
        string folder, OperatorSecret secret, string? reason, Terminal terminal, CancellationToken cancellationToken)
    {
        var bytes = secret.Bytes.ToArray();
        try
        {
            var request = Request(ControlRequest.Unseal) with
            {
                Reason = reason,
                Kind = Storage.Words.Of(secret.Kind),
                Secret = bytes,
                Shares = secret.ShareTexts,
            };
            switch (await ControlClient.AskAsync(folder, request, cancellationToken))
            {
                case null:
                    return NobodyRuns(folder, terminal);

                case { Refusal: { } refusal }:
                    terminal.Complain(refusal);
                    return ExitCode.Error;

                default:
                    terminal.Out.WriteLine("Unsealed: evidence can be opened until `palisade seal` or a restart.");
                    return ExitCode.Ok;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public static ControlRequest Request(string act) => new() { Act = act, User = LoginAccount.Name };

    public static int NobodyRuns(string folder, Terminal terminal)
    {
        terminal.Complain(
            $"No service runs on {Path.GetFullPath(folder)}. Start it with `palisade serve`; it starts sealed. Commands that open " +
            "evidence by themselves ask for the operator's key themselves.");
        return ExitCode.Error;
    }
}
