using System.CommandLine;

namespace Palisade.Server.Cli.Reports;

/// <summary><c>palisade report draft</c>, for a decided case that has none under way.</summary>
internal static class ReportDraftVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = Cases.CaseArgument.Create();
        var verb = new Verb(
            "draft", "Draft a report on a case that was decided as reportable. Usually the decision does that by itself.", "palisade report draft 17")
        { name };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            return await Cases.CaseArgument.FindAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is { } found
                ? ReportArgument.Answer(
                    await records.Reports.DraftAsync(found.Id, DataFolder.Me, cancellationToken), terminal, "drafted; the server sends it.")
                : ExitCode.Error;
        });
        return verb;
    }
}
