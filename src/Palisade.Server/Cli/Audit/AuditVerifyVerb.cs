using System.CommandLine;
using Palisade.Audit;
using Palisade.Audit.Notes;

namespace Palisade.Server.Cli.Audit;

internal static class AuditVerifyVerb
{
    public static Command Create(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object a line for each thing that is wrong, and one at the end" };
        var verb = new Verb(
            "verify",
            "Read the whole audit log back and recompute its tree; name each entry that is not what was signed.",
            "palisade audit verify")
        {
            ExitCodes = $"0 everything is as it was signed, {ExitCode.Damaged} something is missing or was changed, 2 it could not be read",
        };
        verb.Add(json);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (records.Sequencer.PublicKey is not { } key)
            {
                terminal.Complain(records.Sequencer.Fault!.Explanation);
                return ExitCode.Error;
            }

            // The checkpoint in the folder is what others may have seen; the store's own may have been set back.
            var note = records.Sequencer.Tiles.ReadCheckpoint() ?? (await records.Sequencer.LastAsync(cancellationToken))?.Note;
            var wrong = 0L;
            if (records.Sequencer.Fault is { } fault)
            {
                wrong++;
                Tell(new LogDamage(fault.First, fault.Explanation));
            }

            var size = 0L;
            if (Checkpoint.TryOpen(note, key, out var checkpoint))
            {
                size = checkpoint.Size;
                var verification = new LogVerification(records.Audit, records.Sequencer.Tiles);
                await foreach (var damage in verification.FindDamageAsync(0, size, checkpoint.Root, checkedEntries: null, cancellationToken))
                {
                    wrong++;
                    Tell(damage);
                }
            }

            var last = await records.Audit.LastNumberAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(new { signed = size, last, wrong });
            }
            else
            {
                terminal.Out.WriteLine(wrong == 0
                    ? $"{size} signed entries are as they were signed; {last - size} more are not signed yet."
                    : $"{wrong} things are wrong in a log of {size} signed entries.");
            }

            return wrong == 0 ? ExitCode.Ok : ExitCode.Damaged;

            void Tell(LogDamage damage)
            {
                if (parsed.GetValue(json))
                {
                    terminal.Out.WriteJsonLine(new { entry = damage.Number, what = damage.What });
                }
                else
                {
                    terminal.Out.WriteLine(damage.Number > 0 && damage.What[0] is >= 'a' and <= 'z'
                        ? $"Entry {damage.Number} {damage.What}"
                        : damage.What);
                }
            }
        });
        return verb;
    }
}
