using System.CommandLine;
using Palisade.Evidence.Holds.Destruction;
using Palisade.Server.Cli.Approvals;
using Palisade.Server.Cli.Holds;

namespace Palisade.Server.Cli.Evidence;

internal static class EvidenceDestroyVerb
{
    public static Command Create(Terminal terminal)
    {
        var argument = EvidenceVerb.Id();
        var authority = Text("--authority", "The agency and office that asks, as it signs");
        var reference = Text("--reference", "Its number for the matter");
        var verifiedBy = Text("--verified-by", "Who made sure that the request is genuine");
        var verification = Text("--verification", "How: a call back to a number from the agency's own directory, say");
        var received = MomentOption.Create("--received", "When the request came");
        received.Required = true;
        var verb = new Verb(
            "destroy",
            "Destroy a piece of evidence for good because a law enforcement agency asks for it. Needs a second person; the same options both times.",
            "palisade evidence destroy evd_0123456789abcdef0123456789abcdef --authority \"County police, unit 4\" --reference 27-114 " +
            "--received 2027-03-01 --verified-by \"A. Berg\" --verification \"called back\" --ask \"request of 1 March\"")
        {
            ExitCodes = "0 destroyed, 2 refused, 3 a second person is asked and nothing was destroyed",
        };
        verb.Add(argument);
        foreach (var option in new Option[] { authority, reference, received, verifiedBy, verification })
        {
            verb.Add(option);
        }

        var second = SecondPerson.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            if (EvidenceVerb.Parse(parsed.GetRequiredValue(argument), terminal) is not { } id)
            {
                return ExitCode.Error;
            }

            var request = new AuthorityRequest(
                parsed.GetRequiredValue(authority), parsed.GetRequiredValue(reference), parsed.GetValue(received)!.Value,
                parsed.GetRequiredValue(verifiedBy), parsed.GetRequiredValue(verification));
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            DestructionAnswer answer;
            if (second.Approval(parsed) is { } approval)
            {
                answer = await records.Destructions.DestroyForAuthorityAsync(id, request, approval, DataFolder.Me, cancellationToken);
            }
            else if (second.Why(parsed) is { } why)
            {
                answer = await records.Destructions.AskForAuthorityAsync(id, request, why, DataFolder.Me, cancellationToken);
            }
            else
            {
                terminal.Complain("Nobody destroys evidence alone. Nothing was destroyed. Run this again with --ask \"WHY\" to ask a second person.");
                return ExitCode.Error;
            }

            switch (answer)
            {
                case DestructionAnswer.Asked asked:
                    return SecondPerson.Waits(asked.Approval, records, terminal);

                case DestructionAnswer.Done done:
                    terminal.Out.WriteLine($"{done.Record.Evidence} is destroyed for good. Its certificate: palisade evidence certificate {done.Record.Evidence}");
                    return ExitCode.Ok;

                case DestructionAnswer.Refused refused:
                    terminal.Complain(refused.Reason);
                    return ExitCode.Error;

                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        });
        return verb;
    }

    private static Option<string> Text(string name, string description) =>
        new(name) { Description = description, HelpName = "TEXT", Required = true };
}
