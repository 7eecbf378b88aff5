using System.CommandLine;
using Palisade.Approvals;
using Palisade.Keys;
using Palisade.Server.Cli.Sealing;
using Palisade.Server.Control;

namespace Palisade.Server.Cli.Keys;

internal static class KeyRotateVerb
{
    public static Command Create(Terminal terminal)
    {
        var approval = new Option<long?>("--approval")
        {
            Description = "Number of the request that another person has approved; without it a request is made",
            HelpName = "NUMBER",
        };
        var reason = new Option<string>("--reason")
        {
            Description = "Why, for the one who approves and for the audit log",
            DefaultValueFactory = _ => "rotation",
            HelpName = "TEXT",
        };
        var verb = new Verb(
            "rotate",
            "Replace the sealing key. First makes a request that another person approves; with its number the new pair is made and " +
            "every data key is wrapped anew, while the service runs. Sealed files are never touched. If it is interrupted, run it " +
            "again: it goes on where it was.",
            "palisade key rotate --reason \"yearly\"",
            "palisade key rotate --approval 12")
        {
            ExitCodes = "0 rotated, 10 a request was made and waits for another person, 2 refused or something is damaged",
        };
        verb.Add(approval);
        verb.Add(reason);
        var input = SecretInput.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            CoreDumps.Refuse();
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var rotation = new KeyRotation(records.Sealing);
            var isUnfinished = await rotation.IsUnfinishedAsync(cancellationToken);
            if (!isUnfinished && parsed.GetValue(approval) is null)
            {
                return await RequestAsync(records, rotation, parsed.GetRequiredValue(reason), terminal, cancellationToken);
            }

            using var secret = await input.ReadAsync(parsed, records.Options, records.Sealing, terminal, cancellationToken);
            if (secret is null)
            {
                return ExitCode.Error;
            }

            if (!isUnfinished && await rotation.BeginAsync(
                    secret,
                    (transaction, subject, content) => records.Approvals.SpendAsync(
                        transaction, parsed.GetValue(approval)!.Value, TwoPersonOperation.RotateKeys, subject, content, DataFolder.Me),
                    DataFolder.Me,
                    cancellationToken) is { } refusal)
            {
                terminal.Complain(refusal);
                return ExitCode.Error;
            }

            return await FinishAsync(records, rotation, secret, terminal, cancellationToken);
        });
        return verb;
    }

    private static async Task<int> RequestAsync(
        Installation records, KeyRotation rotation, string reason, Terminal terminal, CancellationToken cancellationToken)
    {
        if (await rotation.SubjectAsync(cancellationToken) is not { } key)
        {
            terminal.Complain("There is no sealing key yet. Make one with `palisade key init`.");
            return ExitCode.Error;
        }

        var number = await records.Approvals.RequestAsync(
            TwoPersonOperation.RotateKeys, key.Subject, key.Content, DataFolder.Me, reason, cancellationToken);
        terminal.Out.WriteLine($"Request {number} waits for another person. Once it is approved: palisade key rotate --approval {number}");
        return ExitCode.HeldOrBlocked;
    }

    private static async Task<int> FinishAsync(
        Installation records, KeyRotation rotation, OperatorSecret secret, Terminal terminal, CancellationToken cancellationToken)
    {
        var folder = records.Options.Data;
        if (await records.Sealing.UnsealAsync(secret, DataFolder.Me, "to rotate the sealing key", cancellationToken) is { } refusal)
        {
            terminal.Complain(refusal);
            return ExitCode.Error;
        }

        RotationResult result;
        using (var progress = new Progress(terminal, TimeProvider.System, "Wrapping anew", "keys", total: 0))
        {
            result = await rotation.FinishAsync(DataFolder.Me, new Reported(progress), cancellationToken);
        }

        // A service that could open evidence before can do so afterwards: it gets the private half of the new key too.
        if (await ControlClient.AskAsync(folder, UnsealVerb.Request(ControlRequest.Status), cancellationToken) is { HoldsPrivates: true })
        {
            await UnsealVerb.UnsealAsync(folder, secret, "after a rotation", terminal, cancellationToken);
        }

        terminal.Out.WriteLine($"{result.Rewrapped} data keys were wrapped anew.");
        foreach (var name in result.Damaged)
        {
            terminal.Complain($"The wrapped key of {name} is damaged and was left as it is. Restore it from a backup, then run this again.");
        }

        if (!result.IsRetired)
        {
            terminal.Complain("The old key is not retired yet: something still needs it. Run palisade key rotate again.");
            return ExitCode.Error;
        }

        terminal.Out.WriteLine("The old key is retired: its private half is destroyed. Backups made before this still hold it: let them run out.");
        return ExitCode.Ok;
    }

    /// <summary>Reports at once and in order, unlike the framework's own progress, which posts.</summary>
    private sealed class Reported(Progress progress) : IProgress<(long Done, long All)>
    {
        public void Report((long Done, long All) value)
        {
            progress.Total = value.All;
            progress.Reach(value.Done);
        }
    }
}
