using System.CommandLine;
using System.Globalization;

namespace Palisade.Server.Cli.Audit;

internal static class AuditShowVerb
{
    public static Command Create(Terminal terminal)
    {
        var number = new Argument<long>("NUMBER") { Description = "The entry's number, as audit list shows it" };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb("show", "Show one entry of the audit log, and whether a checkpoint covers it.", "palisade audit show 42")
        {
            number, json,
        };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var wanted = parsed.GetRequiredValue(number);
            if (await records.Audit.FindAsync(wanted, cancellationToken) is not { } entry)
            {
                terminal.Complain($"There is no entry {wanted}. The last is {await records.Audit.LastNumberAsync(cancellationToken)}.");
                return ExitCode.Error;
            }

            var signedSize = (await records.Sequencer.LastAsync(cancellationToken))?.Checkpoint.Size ?? 0;
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(new { entry = EntryLine.Of(entry, null), isSigned = entry.Number <= signedSize });
                return ExitCode.Ok;
            }

            Row("entry", entry.Number.ToString(CultureInfo.InvariantCulture));
            Row("time", entry.At.ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture));
            Row("action", entry.Action);
            Row("actor", entry.Actor);
            Row("subject", entry.Subject);
            Row("reason", Terminal.Escaped(entry.Reason ?? ""));
            Row("digest", entry.Digest is { } digest ? Convert.ToHexStringLower(digest) : "");
            Row("result of", entry.ResultOf?.ToString(CultureInfo.InvariantCulture) ?? "");
            Row("signed", entry.Number <= signedSize
                ? $"yes, by the checkpoint of {signedSize} entries"
                : "not yet; palisade audit checkpoint does it");
            return ExitCode.Ok;
        });
        return verb;

        void Row(string label, string value)
        {
            if (value.Length > 0)
            {
                terminal.Out.WriteLine($"  {label,-10} {value}");
            }
        }
    }
}
