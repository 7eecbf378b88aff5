using System.CommandLine;
using System.Globalization;
using Palisade.Backup;

namespace Palisade.Server.Cli;

/// <summary><c>palisade backup</c>: a consistent copy of store, evidence and log, taken while the service goes on.</summary>
internal static class BackupVerb
{
    public static Command Create(Terminal terminal)
    {
        var to = new Option<string>("--to") { Description = "A folder for backups, or a new file that ends with .tar", HelpName = "FOLDER|FILE.tar", Required = true };
        var withKey = new Option<bool>("--with-bank-key")
        {
            Description = "Put the bank key in as well: whoever has the backup can then read hash lists and records (evidence stays sealed)",
        };
        var json = new Option<bool>("--json") { Description = "The manifest as one JSON object" };
        var verb = new Verb(
            "backup",
            "Copy store, evidence and audit log, consistently, while the service goes on. In a folder only what is new is copied.",
            "palisade backup --to /mnt/backups/palisade",
            "palisade backup --to palisade-2027-03-01.tar") { to, withKey, json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var options = data.Read(parsed);
            if (!Directory.Exists(options.Data))
            {
                terminal.Complain($"There is no data folder {Path.GetFullPath(options.Data)}. Name it with --data.");
                return ExitCode.Error;
            }

            await using var records = await data.OpenAsync(parsed, cancellationToken);
            await using var target = BackupTarget.Open(parsed.GetRequiredValue(to), records.Clock.GetUtcNow());
            using var meter = new ByteMeter(terminal, TimeProvider.System, "backup");
            var manifest = await new BackupRun(records.Store, records.Audit, options.Data, records.Clock).RunAsync(
                target, parsed.GetValue(withKey), DataFolder.Me, meter, cancellationToken);
            meter.Dispose();
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(new { target.Place, manifest.TakenAt, manifest.LastLogEntry, manifest.Evidence, manifest.EvidenceBytes, manifest.HoldsBankKey });
                return ExitCode.Ok;
            }

            terminal.Out.WriteLine($"Backed up to {target.Place}");
            terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {manifest.Evidence:#,0} pieces of evidence, log up to entry {manifest.LastLogEntry:#,0}, in {Progress.Spoken(meter.Elapsed)}"));
            terminal.Out.WriteLine(manifest.HoldsBankKey
                ? "  THE BANK KEY IS IN IT: keep it as you keep the data folder."
                : "  Without the bank key. Keep bank.key apart, or bring it back with the operator's key (palisade key recover).");
            terminal.Out.WriteLine($"Try it: palisade restore --rehearse --from {ShellWord.Of(parsed.GetRequiredValue(to))} --data {ShellWord.Of(options.Data)}");
            return ExitCode.Ok;
        });
        return verb;
    }
}
