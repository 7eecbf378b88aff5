using System.CommandLine;
using System.Globalization;
using Palisade.Review;

namespace Palisade.Server.Cli.Cases;

/// <summary>A case as people name it: its short number, or its id.</summary>
internal static class CaseArgument
{
    public static Argument<string> Create() => new("CASE") { Description = "The case's number, as case list shows it, or its id" };

    /// <returns>Null, having said so, when there is no such case.</returns>
    public static async Task<Case?> FindAsync(
        Installation records, string text, Terminal terminal, CancellationToken cancellationToken)
    {
        var found = CaseId.TryParse(text, out var id) ? await records.Cases.FindAsync(id, cancellationToken)
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? await records.Cases.FindAsync(number, cancellationToken)
                : null;
        if (found is null)
        {
            terminal.Complain($"There is no case '{text}'. `palisade case list --all` shows those that exist.");
        }

        return found;
    }

    /// <summary>Says why a change was refused, or that it was made.</summary>
    /// <returns>How the verb ends.</returns>
    public static int Answer<T>(CaseAnswer<T> answer, Terminal terminal, Func<T, string> done)
        where T : class
    {
        if (answer.IsRefused)
        {
            terminal.Complain(answer.Refusal.Reason);
            return ExitCode.Error;
        }

        terminal.Out.WriteLine(done(answer.Value));
        return ExitCode.Ok;
    }
}
