using System.CommandLine;
using System.Globalization;
using Palisade.Policy;
using Palisade.Scanning;
using Spectre.Console;

namespace Palisade.Server.Cli;

/// <summary><c>palisade scan PATH...</c>: files against the banks of a data folder, in this process.</summary>
internal static class ScanVerb
{
    public static Command Create(Terminal terminal)
    {
        var paths = PathArgument.Create(
            "PATH", "Files or folders; - reads one file from standard input", ArgumentArity.OneOrMore);
        var service = new Option<string?>("--service")
        {
            Description = "The service of the policy whose rules apply [default: the first one]",
            HelpName = "NAME",
        };
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every file, clean ones included" };
        var verb = new Verb(
            "scan",
            "Check files or folders against your banks. Files that are clean are only counted. A file above decoder.maxFileBytes " +
            "is compared by its digests and ends where the policy sends what is refused.",
            "palisade scan uploads/",
            "palisade scan --json --service avatars face.png")
        {
            ExitCodes = "0 all clean, 10 something is held or blocked, 2 something could not be looked at",
        };
        verb.Add(paths);
        verb.Add(service);
        verb.Add(json);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var files = PictureFiles.Find(parsed.GetRequiredValue(paths), cancellationToken);
            await using var installation = await data.OpenForScanningAsync(parsed, files.Count, cancellationToken);
            var named = parsed.GetValue(service) ?? installation.Policy.Services.First();
            if (installation.Policy.Find(named) is null)
            {
                terminal.Complain($"The policy has no service '{named}'; it has {string.Join(", ", installation.Policy.Services)}.");
                return ExitCode.Error;
            }

            if (!installation.Sealing.CanSeal)
            {
                terminal.Complain(
                    "There is no sealing key yet, so the bytes of what is not clean cannot be kept, and all of it is held. Make one: palisade key init");
            }

            if (installation.Index.Current.Banks.Count == 0)
            {
                terminal.Complain("There is no bank yet, so nothing can match. Begin one with `palisade bank create`.");
            }

            return await RunAsync(files, installation, named, parsed.GetValue(json), terminal, cancellationToken);
        });
        return verb;
    }

    private static async Task<int> RunAsync(
        List<PictureFile> files, Installation installation, string service, bool asJson, Terminal terminal,
        CancellationToken cancellationToken)
    {
        using var progress = new Progress(terminal, TimeProvider.System, "Scanning", "files", files.Count);
        var tally = new Tally();
        var lines = InOrder.SelectAsync(
            files, installation.Options.Decoder.Workers * 2, (file, token) => ScanAsync(file, installation, service, token),
            cancellationToken);
        await foreach (var line in lines)
        {
            tally.Count(line);
            if (asJson || line.Verdict != VerdictAction.Allow)
            {
                progress.Clear();
                Print(line, asJson, terminal);
            }

            progress.Advance();
        }

        progress.Clear();
        if (!asJson)
        {
            Summarise(tally, files.Count, progress.Elapsed, terminal);
        }

        return tally.Errors > 0 ? ExitCode.Error : tally.Held + tally.Blocked > 0 ? ExitCode.HeldOrBlocked : ExitCode.Ok;
    }

    private static async Task<ScanLine> ScanAsync(
        PictureFile file, Installation installation, string service, CancellationToken cancellationToken)
    {
        switch (await UploadReader.ReadAsync(file, installation.Options.Decoder.MaxFileBytes, cancellationToken))
        {
            case ReadUpload.Whole { Bytes: var bytes }:
                return ScanLine.Of(file.Path, await AnswerAsync(RequestOf(bytes)));

            // The decoder turns such a start away, so it ends where the policy sends what is refused; its digests match.
            case ReadUpload.TooLarge { Start: var start, Digests: var digests }:
                var line = ScanLine.Of(
                    file.Path,
                    await AnswerAsync(RequestOf(start) with
                    {
                        Digests = digests,
                        OpenWhole = file.IsStandardInput ? null : () => File.OpenRead(file.Path),
                    }));
                return line with { Reasons = [.. line.Reasons, "too-large"] };

            case ReadUpload.Refused { Reason: var reason }:
                return ScanLine.NotLookedAt(file.Path, reason);

            case ReadUpload.Unreadable { Reason: var reason }:
                return ScanLine.NotLookedAt(file.Path, reason);

            default:
                throw new System.Diagnostics.UnreachableException();
        }

        ScanRequest RequestOf(ReadOnlyMemory<byte> bytes) => new()
        {
            Service = service,
            Bytes = bytes,
            FileName = Path.GetFileName(file.Path),
            WaitsForRegions = true,
            By = DataFolder.Me,
        };

        async Task<ScanResult.Answered> AnswerAsync(ScanRequest request) =>
            await installation.Scanner.ScanAsync(request, cancellationToken) as ScanResult.Answered
            ?? throw new System.Diagnostics.UnreachableException("The service was found before, and no key was given.");
    }

    private static void Print(ScanLine line, bool asJson, Terminal terminal)
    {
        if (asJson)
        {
            terminal.Out.WriteJsonLine(line);
            return;
        }

        var verdict = line.Verdict is { } action ? Words.Of(action) : "error";
        var why = line.Matches.Count > 0
            ? string.Join("; ", line.Matches.Select(InWords))
            : string.Join("; ", line.Reasons.Select(PlainReason.Of));
        terminal.Out.WriteLine($"{verdict,-6} {Terminal.Escaped(line.File)}: {why}");
    }

    private static string InWords(ScanLine.Matched match)
    {
        if (match.Score is { } score)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{match.Bank} signal {match.Picture}, {(match.Band == "derived" ? "made from it" : "possibly made from it")} ({match.Direction}, {score} points)");
        }

        var turned = match.Orientation == "original" ? "" : $", turned {match.Orientation}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{match.Bank} signal {match.Signal}, {match.Distance} bits apart{turned}");
    }

    private static void Summarise(Tally tally, int files, TimeSpan elapsed, Terminal terminal)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var label in new[] { "clean", "held", "blocked", "not looked at", "files", "time", "files/s" })
        {
            table.AddColumn(new TableColumn(label).RightAligned());
        }

        table.AddRow(
            Shown(tally.Clean), Shown(tally.Held), Shown(tally.Blocked), Shown(tally.Errors), Shown(files),
            Progress.Spoken(elapsed),
            (files / Math.Max(0.001, elapsed.TotalSeconds)).ToString("#,0.0", CultureInfo.InvariantCulture));
        terminal.Tables().Write(table);
    }

    private static string Shown(int count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    private sealed class Tally
    {
        public int Clean { get; private set; }

        public int Held { get; private set; }

        public int Blocked { get; private set; }

        public int Errors { get; private set; }

        public void Count(ScanLine line)
        {
            switch (line.Verdict)
            {
                case VerdictAction.Allow:
                    Clean++;
                    break;
                case VerdictAction.Hold:
                    Held++;
                    break;
                case VerdictAction.Block:
                    Blocked++;
                    break;
                default:
                    Errors++;
                    break;
            }
        }
    }
}
