using System.CommandLine;
using System.Globalization;
using Palisade.Evidence.Custody;
using Palisade.Server.Cli.Sealing;

namespace Palisade.Server.Cli.Cases;

/// <summary><c>palisade case export</c>: evidence leaves, by two people, as an archive that verifies without us.</summary>
internal static class CaseExportVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = CaseArgument.Create();
        var to = new Option<string>("--to") { Description = "The packet, a file that does not exist yet", HelpName = "FILE.zip", Required = true };
        var recipient = new Option<string?>("--recipient") { Description = "Encrypt originals and facts to this X.509 certificate (RSA, PEM or DER)", HelpName = "CERT.pem" };
        var isSealed = new Option<bool>("--sealed") { Description = "Leave originals and facts sealed: the packet proves and preserves, and opens nothing" };
        var approval = new Option<long?>("--approval") { Description = "The approved request; without it a request is made", HelpName = "NUMBER" };
        var reason = new Option<string>("--reason") { Description = "Why, for the second person and the audit log; no names", HelpName = "TEXT", Required = true };
        var verb = new Verb(
            "export",
            "Release a case as one custody packet. The first call asks for a second person; the same call with --approval writes the packet.",
            "palisade case export 17 --to case-17.zip --recipient police.pem --reason \"court order 12/2027\"",
            "palisade case export 17 --to case-17.zip --recipient police.pem --reason \"court order 12/2027\" --approval 4")
        {
            ExitCodes = "0 released, 2 refused or failed, 3 waits for a second person",
        };
        foreach (var part in new Symbol[] { name, to, recipient, isSealed, approval, reason })
        {
            switch (part)
            {
                case Argument argument:
                    verb.Add(argument);
                    break;
                case Option option:
                    verb.Add(option);
                    break;
            }
        }

        var secret = SecretInput.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(isSealed) == (parsed.GetValue(recipient) is not null))
            {
                terminal.Complain("Say who can read the packet: --recipient CERT.pem, or --sealed for nobody but this deployment.");
                return ExitCode.Error;
            }

            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await CaseArgument.FindAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } found ||
                await RecipientAsync(parsed.GetValue(recipient), records, terminal, cancellationToken) is not { } reader)
            {
                return ExitCode.Error;
            }

            if (reader is Recipient.Certificate && !await UnsealAsync(parsed, secret, records, parsed.GetRequiredValue(reason), terminal, cancellationToken))
            {
                return ExitCode.Error;
            }

            var export = new CustodyExport(
                records.Store, records.Audit, records.Sequencer, records.Options.Audit, records.Approvals, records.Sealing, records.Evidence,
                records.Cases, records.Clock);
            var (statement, refusal) = await export.DescribeAsync(found.Id, reader, cancellationToken);
            if (statement is null)
            {
                terminal.Complain(refusal!);
                return ExitCode.Error;
            }

            var outcome = parsed.GetValue(approval) is { } number
                ? await export.ReleaseAsync(statement, number, parsed.GetRequiredValue(to), DataFolder.Me, parsed.GetRequiredValue(reason), cancellationToken)
                : await export.RequestAsync(statement, DataFolder.Me, parsed.GetRequiredValue(reason), cancellationToken);
            return Say(outcome, statement, terminal);
        });
        return verb;
    }

    private static int Say(ReleaseOutcome outcome, ReleaseStatement statement, Terminal terminal)
    {
        switch (outcome)
        {
            case ReleaseOutcome.NeedsApproval asked:
                terminal.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Request {asked.Approval}: release {statement.Evidence.Count} pieces of evidence of case {statement.Case}, to: {statement.Recipient.Words}."));
                terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Another person says yes with: palisade approval approve {asked.Approval}"));
                terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Then give the same command again with --approval {asked.Approval}."));
                return ExitCode.SecondPersonNeeded;

            case ReleaseOutcome.Released released:
                terminal.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Released to {released.Path}: {statement.Evidence.Count} pieces of evidence, announced by entry {released.LogEntry} of the audit log."));
                terminal.Out.WriteLine($"Check it anywhere: palisade verify --packet {ShellWord.Of(released.Path)}, or python3 verify.py in its folder.");
                return ExitCode.Ok;

            case ReleaseOutcome.Refused refused:
                terminal.Complain(refused.Reason);
                return ExitCode.Error;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static async Task<Recipient?> RecipientAsync(
        string? file, Installation records, Terminal terminal, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return new Recipient.Sealed();
        }

        var (recipient, refusal) = Recipient.Certificate.Read(await File.ReadAllBytesAsync(file, cancellationToken), records.Clock.GetUtcNow());
        if (refusal is not null)
        {
            terminal.Complain(refusal);
        }

        return recipient;
    }

    private static async Task<bool> UnsealAsync(
        ParseResult parsed, SecretInput input, Installation records, string reason, Terminal terminal, CancellationToken cancellationToken)
    {
        using var secret = await input.ReadAsync(parsed, records.Options, records.Sealing, terminal, cancellationToken);
        if (secret is null)
        {
            return false;
        }

        if (await records.Sealing.UnsealAsync(secret, DataFolder.Me, reason, cancellationToken) is { } refusal)
        {
            terminal.Complain(refusal);
            return false;
        }

        return true;
    }
}
