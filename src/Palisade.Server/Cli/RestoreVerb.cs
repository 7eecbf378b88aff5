using System.CommandLine;
using System.Globalization;
using Palisade.Backup;
using Palisade.Keys;

namespace Palisade.Server.Cli;

/// <summary><c>palisade restore</c>: a backup into a new data folder, or a rehearsal of it.</summary>
internal static class RestoreVerb
{
    public static Command Create(Terminal terminal)
    {
        var from = new Option<string>("--from") { Description = "What `palisade backup` wrote", HelpName = "FOLDER|FILE.tar", Required = true };
        var backup = new Option<string?>("--backup") { Description = "Which backup of a folder [default: the newest]", HelpName = "NAME" };
        var bankKey = new Option<string?>("--bank-key") { Description = "A copy of bank.key, where the backup has none", HelpName = "FILE" };
        var rehearse = new Option<bool>("--rehearse") { Description = "Restore into a scratch folder, verify, report, and take the folder away" };
        var scratch = new Option<string?>("--scratch") { Description = "The scratch folder, which must not exist yet", HelpName = "FOLDER" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var verb = new Verb(
            "restore",
            "Put a backup into a NEW data folder, comparing every byte on the way; or rehearse that. Never writes over a folder in use.",
            "palisade restore --from /mnt/backups/palisade --data /var/lib/palisade-restored --bank-key bank.key",
            "palisade restore --rehearse --from /mnt/backups/palisade --data /var/lib/palisade")
        {
            ExitCodes = "0 restored or rehearsed, and whole; 1 something is missing or damaged; 2 not possible",
        };
        foreach (var option in new Option[] { from, backup, bankKey, rehearse, scratch, json })
        {
            verb.Add(option);
        }

        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = Path.GetFullPath(data.Read(parsed).Data);
            var work = parsed.GetValue(scratch) ?? Path.TrimEndingDirectorySeparator(folder) + ".rehearsal";
            using var source = await BackupSource.OpenAsync(
                parsed.GetRequiredValue(from), parsed.GetValue(backup), work + ".unpacked", cancellationToken);
            var key = parsed.GetValue(bankKey);
            return parsed.GetValue(rehearse)
                ? await RehearseAsync(source, work, key ?? KeyOf(folder), parsed.GetValue(json), terminal, cancellationToken)
                : await RestoreAsync(source, folder, key, parsed.GetValue(json), terminal, cancellationToken);
        });
        return verb;
    }

    /// <summary>The key of the data folder that the backup was taken of, when that is still there.</summary>
    private static string? KeyOf(string folder) => Path.Combine(folder, BankKey.FileName) is var path && File.Exists(path) ? path : null;

    private static async Task<int> RestoreAsync(
        BackupSource source, string folder, string? bankKey, bool isJson, Terminal terminal, CancellationToken cancellationToken)
    {
        using var meter = new ByteMeter(terminal, TimeProvider.System, "restore");
        var restored = await new RestoreRun(source, folder).RunAsync(bankKey, meter, cancellationToken);
        meter.Dispose();
        if (isJson)
        {
            terminal.Out.WriteJsonLine(new { source.Name, restored.Manifest.TakenAt, restored.Files, restored.Bytes, restored.NeedsBankKey, restored.MissingEvidence });
        }
        else
        {
            terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Restored {source.Name} into {folder}: {restored.Files:#,0} files, {restored.Bytes / 1e6:#,0.0} MB in {Progress.Spoken(meter.Elapsed)}."));
            Print(restored, terminal);
            terminal.Out.WriteLine(restored.NeedsBankKey
                ? "Put bank.key into it, or bring it back with `palisade key recover`; then: palisade verify --data " + ShellWord.Of(folder)
                : "Next: palisade verify --data " + ShellWord.Of(folder));
        }

        return restored.MissingEvidence.Count == 0 ? ExitCode.Ok : ExitCode.NotWhole;
    }

    private static async Task<int> RehearseAsync(
        BackupSource source, string scratch, string? bankKey, bool isJson, Terminal terminal, CancellationToken cancellationToken)
    {
        using var meter = new ByteMeter(terminal, TimeProvider.System, "rehearse");
        var rehearsed = await new Rehearsal(source, scratch, TimeProvider.System).RunAsync(
            bankKey,
            finding =>
            {
                meter.Clear();
                VerifyVerb.Print(finding, isJson, terminal);
            },
            meter,
            cancellationToken);
        meter.Dispose();
        var isWhole = rehearsed.Report.IsWhole && rehearsed.Restored.MissingEvidence.Count == 0;
        if (isJson)
        {
            terminal.Out.WriteJsonLine(new
            {
                source.Name,
                source.Manifest.TakenAt,
                TookSeconds = rehearsed.Took.TotalSeconds,
                AgeSeconds = rehearsed.Age.TotalSeconds,
                rehearsed.Report,
                IsWhole = isWhole,
            });
        }
        else
        {
            Print(rehearsed.Restored, terminal);
            VerifyVerb.Print(rehearsed.Report, rehearsed.Took, terminal);
            terminal.Out.WriteLine(
                $"A restore of {source.Name} takes {Progress.Spoken(rehearsed.Took)} with its verification. It is {Progress.Spoken(rehearsed.Age)} old: " +
                "what came in since would be lost. The scratch folder is gone again.");
        }

        return isWhole ? ExitCode.Ok : ExitCode.NotWhole;
    }

    private static void Print(Restored restored, Terminal terminal)
    {
        foreach (var missing in restored.MissingEvidence)
        {
            terminal.Out.WriteLine($"missing  evidence {missing}: the backup lacks its file, or has it damaged");
        }
    }
}
