using System.CommandLine;
using Palisade.Evidence;
using Palisade.Evidence.Holds;
using Palisade.Server.Cli.Holds;

namespace Palisade.Server.Cli.Evidence;

internal static class EvidenceErasureVerb
{
    public static Command Create(Terminal terminal)
    {
        var argument = SubjectArgument.Create();
        var verb = new Verb(
            "erasure",
            "Answer a person's wish for erasure: what must be kept, and by which law. Nothing is erased by this; the answer is on the audit log.",
            "palisade evidence erasure 17")
        {
            ExitCodes = "0 nothing keeps it, 2 something must be kept",
        };
        verb.Add(argument);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await SubjectArgument.FindAsync(records, parsed.GetRequiredValue(argument), terminal, cancellationToken) is not { } subject)
            {
                return ExitCode.Error;
            }

            var evidence = subject.Evidence is { } id
                ? (await records.Evidence.FindAsync(id, cancellationToken)) is { } one ? [one] : []
                : await records.Evidence.ListAsync(subject.Case!.Value.ToString(), cancellationToken);
            var kept = 0;
            foreach (var record in evidence.Where(record => record.State == EvidenceState.Sealed))
            {
                switch (await records.Holds.AnswerErasureAsync(record, DataFolder.Me, cancellationToken))
                {
                    case HoldStanding.Held held:
                        kept++;
                        foreach (var hold in held.Active)
                        {
                            terminal.Out.WriteLine(
                                $"{record.Id}  must be kept until {MomentOption.Shown(hold.EndsAt)}: {HoldRule.Of(hold.Basis).Source}, hold {hold.Number}");
                        }

                        break;

                    case HoldStanding.Damaged damaged:
                        kept++;
                        terminal.Out.WriteLine($"{record.Id}  counts as held: {damaged.What} is damaged or missing");
                        break;

                    default:
                        terminal.Out.WriteLine($"{record.Id}  nothing holds it; it goes when its case is closed and its term is over");
                        break;
                }
            }

            terminal.Out.WriteLine(
                evidence.Count == 0 ? "There is no evidence."
                : kept == 0 ? "Nothing has to be kept."
                : "The wish is refused for what must be kept. Take the content itself off the platform all the same.");
            return kept == 0 ? ExitCode.Ok : ExitCode.Error;
        });
        return verb;
    }
}
