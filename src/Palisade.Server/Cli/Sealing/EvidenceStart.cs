using Palisade.Audit;
using Palisade.Keys;

namespace Palisade.Server.Cli.Sealing;

/// <summary>
/// What <c>serve</c> does about keys before it answers. Whatever goes wrong here, uploads are taken and matched: without a
/// sealing key only their facts are kept and whatever is not clean is held; while sealed no evidence can be opened.
/// </summary>
internal static class EvidenceStart
{
    public static async Task PrepareAsync(Installation installation, Terminal terminal, ILogger logger, CancellationToken cancellationToken)
    {
        if (!installation.Sealing.CanSeal && !Console.IsInputRedirected && terminal.IsErrorTerminal)
        {
            await MakeFirstAsync(installation, terminal, cancellationToken);
        }

        if (await installation.Sealing.OperatorKeyNeedsAsync(cancellationToken) is not { } operatorKey)
        {
            return;
        }

        try
        {
            using var secret = await UnattendedAsync(installation, operatorKey.Kind, cancellationToken);
            if (secret is not null &&
                await installation.Sealing.UnsealAsync(secret, Actor.Palisade, "at the start, unattended", cancellationToken) is { } refusal)
            {
                logger.LogError("The service starts sealed: {Refusal}", refusal);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or AuditUnavailableException)
        {
            logger.LogError("The service starts sealed: {Reason}", exception.Message);
        }
    }

    /// <summary>How evidence stands, in words for the operator.</summary>
    public static string StateOf(Installation installation) => installation.Sealing switch
    {
        { CanSeal: false } => "NO SEALING KEY: bytes are not kept, and everything that is not clean is held; `palisade key init` makes one",
        { IsUnsealed: true } => "kept sealed, and can be opened",
        _ => "kept sealed; `palisade unseal` lets it be opened",
    };

    private static async Task MakeFirstAsync(Installation installation, Terminal terminal, CancellationToken cancellationToken)
    {
        terminal.Error.WriteLine("There is no sealing key yet, so no evidence would be kept. A passphrase makes one; an empty line goes on without.");
        using var secret = SecretInput.ReadNewPassphrase("New passphrase, at least 12 bytes, better six random words: ", terminal);
        if (secret is { IsEmpty: false } &&
            await new KeyCeremony(installation.Sealing).InitialiseAsync(secret, DataFolder.Me, cancellationToken) is { } refusal)
        {
            terminal.Complain(refusal);
        }
    }

    private static async Task<OperatorSecret?> UnattendedAsync(Installation installation, OperatorKeyKind kind, CancellationToken cancellationToken)
    {
        if (kind == OperatorKeyKind.UnsafeDevelopmentFile)
        {
            return OperatorSecret.UnsafeDevelopmentFile(await File.ReadAllBytesAsync(
                Path.Combine(installation.Options.Data, SecretInput.UnsafeFileName), cancellationToken));
        }

        return installation.Options.Keys.UnsealWith is { } command && kind != OperatorKeyKind.Shares
            ? await SecretInput.FromCommandAsync(command, kind, cancellationToken)
            : null;
    }
}
