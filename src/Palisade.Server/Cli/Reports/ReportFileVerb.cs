using System.CommandLine;

namespace Palisade.Server.Cli.Reports;

/// <summary><c>palisade report file</c>: try again what waits.</summary>
internal static class ReportFileVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = ReportArgument.Create();
        var verb = new Verb(
            "file", "Have a report tried at once: one that needed you, once you have mended the cause, or one that waits for its next try.",
            "palisade report file 3")
        { name };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            return await ReportArgument.FindAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is { } report
                ? ReportArgument.Answer(
                    await records.Reports.FileAsync(report.Id, DataFolder.Me, cancellationToken), terminal, "the server tries it now.")
                : ExitCode.Error;
        });
        return verb;
    }
}
