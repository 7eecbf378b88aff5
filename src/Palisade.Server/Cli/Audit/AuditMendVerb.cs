using System.CommandLine;
using Palisade.Audit;

namespace Palisade.Server.Cli.Audit;

internal static class AuditMendVerb
{
    public static Command Create(Terminal terminal)
    {
        var verb = new Verb(
            "mend",
            "After the store was set back and no newer backup exists: put the log's lost entries back from its folder.",
            "palisade audit mend");
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await new LogMending(records.Audit, records.Sequencer).MendAsync(DataFolder.Me, cancellationToken) is not { } mended)
            {
                terminal.Complain(records.Sequencer.Fault is { } fault
                    ? "This cannot be mended from the log's folder. " + fault.Explanation
                    : "Nothing is missing: the store has every entry that was signed.");
                return ExitCode.Error;
            }

            terminal.Out.WriteLine($"{mended} entries are back. Everything else that was recorded in that time is lost; the log says so.");
            return ExitCode.Ok;
        });
        return verb;
    }
}
