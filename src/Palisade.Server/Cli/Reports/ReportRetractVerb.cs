using System.CommandLine;

namespace Palisade.Server.Cli.Reports;

/// <summary><c>palisade report retract</c>: take back what is not filed.</summary>
internal static class ReportRetractVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = ReportArgument.Create();
        var verb = new Verb(
            "retract", "Take a report back that is not filed yet. What is filed stays filed: tell the authority by its number.",
            "palisade report retract 3")
        { name };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            return await ReportArgument.FindAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is { } report
                ? ReportArgument.Answer(
                    await records.Reports.RetractAsync(report.Id, DataFolder.Me, cancellationToken), terminal, "taken back.")
                : ExitCode.Error;
        });
        return verb;
    }
}
