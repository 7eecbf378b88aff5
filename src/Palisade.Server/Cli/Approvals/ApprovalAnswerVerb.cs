using System.CommandLine;
using System.Globalization;
using Palisade.Approvals;

namespace Palisade.Server.Cli.Approvals;

/// <summary>What <c>approve</c> and <c>deny</c> have in common.</summary>
internal static class ApprovalAnswerVerb
{
    public static Command Create(
        string word, string description, string done, Terminal terminal,
        Func<ApprovalBook, long, CancellationToken, Task<string?>> answer)
    {
        var number = new Argument<long>("NUMBER") { Description = "The request's number, as approval list shows it" };
        var verb = new Verb(word, description, $"palisade approval {word} 12") { number };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var id = parsed.GetRequiredValue(number);
            if (await answer(records.Approvals, id, cancellationToken) is { } refusal)
            {
                terminal.Complain(refusal);
                return ExitCode.Error;
            }

            terminal.Out.WriteLine(string.Format(CultureInfo.InvariantCulture, done, id));
            return ExitCode.Ok;
        });
        return verb;
    }
}
