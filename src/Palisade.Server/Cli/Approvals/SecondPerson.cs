using System.CommandLine;
using Palisade.Banks;

namespace Palisade.Server.Cli.Approvals;

/// <summary>The two options of a verb that nobody may run alone: asking for a second person, and naming the approval.</summary>
internal sealed class SecondPerson
{
    private readonly Option<string?> _ask = new("--ask")
    {
        Description = "Ask a second person, with the reason; nothing is changed yet",
        HelpName = "WHY",
    };

    private readonly Option<long?> _approval = new("--approval")
    {
        Description = "The number of the request that a second person has approved",
        HelpName = "NUMBER",
    };

    public static SecondPerson AddTo(Command verb)
    {
        var options = new SecondPerson();
        verb.Add(options._ask);
        verb.Add(options._approval);
        return options;
    }

    public long? Approval(ParseResult parsed) => parsed.GetValue(_approval);

    /// <summary>Asks for the second person where that is wanted, and otherwise says how it is done.</summary>
    /// <returns>How the verb ends.</returns>
    public async Task<int> AnswerAsync(
        BankRefused refusal, Installation records, ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        if (refusal is not BankRefused.SecondPersonNeeded needed)
        {
            terminal.Complain(refusal.Reason);
            return ExitCode.Error;
        }

        if (parsed.GetValue(_ask) is not { } why)
        {
            terminal.Complain($"{needed.Reason} Nothing was changed. Run this again with --ask \"WHY\" to ask for one.");
            return ExitCode.Error;
        }

        if (string.IsNullOrWhiteSpace(why) || why.Length > Palisade.Approvals.ApprovalBook.LongestReason)
        {
            terminal.Complain($"Give the second person a reason of 1 to {Palisade.Approvals.ApprovalBook.LongestReason} characters.");
            return ExitCode.Error;
        }

        var id = await records.Approvals.RequestAsync(
            needed.Operation, needed.Subject, needed.Content, DataFolder.Me, why, cancellationToken);
        terminal.Out.WriteLine($"Request {id} waits for a second person. Nothing was changed yet.");
        terminal.Out.WriteLine($"  they run   palisade approval approve {id}");
        terminal.Out.WriteLine($"  then you   run this command again with --approval {id} instead of --ask");
        if (records.Approvals.IsSingleOperator)
        {
            terminal.Out.WriteLine("single-operator-i-accept is set: you may approve it yourself, 24 hours from now.");
        }

        return ExitCode.SecondPersonNeeded;
    }
}
