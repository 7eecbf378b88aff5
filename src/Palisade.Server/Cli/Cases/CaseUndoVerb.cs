using System.CommandLine;

namespace Palisade.Server.Cli.Cases;

internal static class CaseUndoVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = CaseArgument.Create();
        var verb = new Verb(
            "undo",
            "Take the last decision of a case back while its undo time runs. Nothing of it has left; the case is yours again.",
            "palisade case undo 17") { name };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            return await CaseArgument.FindAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is { } found
                ? CaseArgument.Answer(
                    await records.Cases.UndoAsync(found.Id, DataFolder.Me, cancellationToken),
                    terminal,
                    record => $"Undone. Case {record.Number} is in review with you.")
                : ExitCode.Error;
        });
        return verb;
    }
}
