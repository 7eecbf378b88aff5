using System.CommandLine;

namespace Palisade.Server.Cli.Cases;

internal static class CaseNoteVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = CaseArgument.Create();
        var text = new Argument<string>("TEXT") { Description = "The note, at most 4,000 characters; it is kept sealed" };
        var verb = new Verb("note", "Write a note on a case.", "palisade case note 17 \"asked the school's contact\"") { name, text };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            return await CaseArgument.FindAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is { } found
                ? CaseArgument.Answer(
                    await records.Cases.AddNoteAsync(found.Id, parsed.GetRequiredValue(text), DataFolder.Me, cancellationToken),
                    terminal,
                    _ => $"Noted on case {found.Number}.")
                : ExitCode.Error;
        });
        return verb;
    }
}
