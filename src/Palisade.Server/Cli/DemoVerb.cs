using System.CommandLine;
using System.Globalization;
using Palisade.Decoding;
using Palisade.Server.Bench;
using Palisade.Server.Demo;
using Spectre.Console;

namespace Palisade.Server.Cli;

/// <summary><c>palisade demo</c>: the whole way from upload to verdict, with pictures that it draws itself.</summary>
internal static class DemoVerb
{
    public static Command Create(Terminal terminal)
    {
        var data = new Option<string?>("--data")
        {
            Description = "A fresh folder for its data and pictures [default: one under the temporary folder]",
            HelpName = "FOLDER",
        };
        var keep = new Option<bool>("--keep")
        {
            Description = "Leave the folder under the temporary folder when it stops; one named with --data always stays",
        };
        var exit = new Option<bool>("--exit") { Description = "End after the table of verdicts instead of staying up" };
        var verb = new Verb(
            "demo",
            "Try Palisade: starts a service in a fresh folder, draws benign pictures, uploads them and shows the verdicts. " +
            "Then it stays up for a curl command that it prints; Ctrl-C stops it and removes the folder.",
            "palisade demo",
            "palisade demo --exit")
        {
            ExitCodes = "0 every upload got the verdict it should, 2 one did not, or the service could not start",
        };
        verb.Add(data);
        verb.Add(keep);
        verb.Add(exit);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(data) is { } named)
            {
                return await RunAsync(named, parsed.GetValue(exit), terminal, cancellationToken);
            }

            var folder = FreshFolder();
            try
            {
                return await RunAsync(folder, parsed.GetValue(exit), terminal, cancellationToken);
            }
            finally
            {
                End(folder, parsed.GetValue(keep), terminal);
            }
        });
        return verb;
    }

    private static async Task<int> RunAsync(
        string folder, bool exitAfterTable, Terminal terminal, CancellationToken cancellationToken)
    {
        folder = Path.GetFullPath(folder);
        await using var service = await DemoService.StartAsync(folder, cancellationToken);
        Introduce(service, folder, terminal);

        var pictures = await DrawAsync(service, Path.Combine(folder, "pictures"), terminal, cancellationToken);
        using var calls = new DemoCalls(service);
        await calls.FillBankAsync(pictures.Originals, cancellationToken);
        var verdicts = await UploadAsync(calls, pictures.Uploads, terminal, cancellationToken);

        terminal.Tables().Write(TableOf(verdicts));
        var wrong = verdicts.Count(verdict => !verdict.IsAsExpected);
        Summarise(verdicts, wrong, terminal);
        await TellOfCasesAsync(service.Installation, terminal, cancellationToken);
        if (exitAfterTable)
        {
            return wrong == 0 ? ExitCode.Ok : ExitCode.Error;
        }

        Invite(service, pictures, folder, terminal);
        await service.WaitAsync(cancellationToken);
        return wrong == 0 ? ExitCode.Ok : ExitCode.Error;
    }

    private static void Introduce(DemoService service, string folder, Terminal terminal)
    {
        var output = terminal.Out;
        output.WriteLine("Palisade demo. All pictures are drawn by the demo itself.");
        output.WriteLine();
        output.WriteLine($"  service    {service.Address}");
        output.WriteLine($"  folder     {folder}");
        output.WriteLine($"  scan key   {service.ScanKey}");
        output.WriteLine($"  admin key  {service.AdminKey}");
        output.WriteLine();
        output.WriteLine("The keys are shown this once; only their hashes are kept.");
        DescribeSandbox(service.Installation.Decoder.Sandbox, output);
        output.Flush();
    }

    private static void DescribeSandbox(SandboxReport sandbox, TextWriter output)
    {
        string Named(bool active) =>
            string.Join(", ", sandbox.Layers.Where(layer => layer.IsActive == active).Select(layer => Words.Of(layer.Layer)));

        if (!sandbox.IsConfined)
        {
            output.WriteLine("This system offers no sandbox, so the demo decodes without one; it only ever sees its own pictures.");
            output.WriteLine("`palisade serve` would refuse. `palisade doctor` says what adds a sandbox.");
        }
        else if (Named(active: false) is { Length: > 0 } missing)
        {
            output.WriteLine($"Pictures are decoded within {Named(active: true)}, and without {missing}, which this system does not");
            output.WriteLine("offer or allow. `palisade doctor` says what that costs and what adds it.");
        }
        else
        {
            output.WriteLine($"Pictures are decoded within {Named(active: true)}.");
        }
    }

    private static async Task<DemoPictures> DrawAsync(
        DemoService service, string folder, Terminal terminal, CancellationToken cancellationToken)
    {
        using var progress = new Progress(terminal, TimeProvider.System, "Drawing", "pictures", DemoPictures.Count);
        return await DemoPictures.DrawAsync(
            folder, service.Installation.Decoder, done => progress.Reach(done), cancellationToken);
    }

    private static async Task<List<DemoVerdict>> UploadAsync(
        DemoCalls calls, IReadOnlyList<DemoFile> uploads, Terminal terminal, CancellationToken cancellationToken)
    {
        using var progress = new Progress(terminal, TimeProvider.System, "Uploading", "pictures", uploads.Count);
        var verdicts = new List<DemoVerdict>(uploads.Count);
        foreach (var upload in uploads)
        {
            verdicts.Add(await calls.UploadAsync(upload, cancellationToken));
            progress.Advance();
        }

        return verdicts;
    }

    private static Table TableOf(List<DemoVerdict> verdicts)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("upload").NoWrap());
        table.AddColumn(new TableColumn("what it is").NoWrap());
        table.AddColumn(new TableColumn("verdict").NoWrap());
        table.AddColumn(new TableColumn("distance").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("time").RightAligned().NoWrap());
        foreach (var verdict in verdicts)
        {
            var colour = verdict.Verdict switch { "block" => "red", "hold" => "yellow", _ => "green" };
            table.AddRow(
                verdict.File.Name,
                verdict.File.WhatItIs,
                $"[{colour}]{verdict.Verdict}[/]{(verdict.IsAsExpected ? "" : " (unexpected)")}",
                verdict.DistanceBits is { } bits ? $"{bits} of 256" : "-",
                string.Create(CultureInfo.InvariantCulture, $"{verdict.Took.TotalMilliseconds:0} ms"));
        }

        return table;
    }

    private static void Summarise(List<DemoVerdict> verdicts, int wrong, Terminal terminal)
    {
        var memory = ProcessTree.MemoryBytes(Environment.ProcessId);
        terminal.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{verdicts.Count} uploads: {Count("block")} blocked, {Count("hold")} held, {Count("allow")} allowed" +
            $"{(wrong == 0 ? "" : $", {wrong} UNEXPECTED")}. Memory of the service and its workers: {memory >> 20} MiB."));
        terminal.Out.Flush();

        int Count(string word) => verdicts.Count(verdict => verdict.Verdict == word);
    }

    private static async Task TellOfCasesAsync(Installation installation, Terminal terminal, CancellationToken cancellationToken)
    {
        var figures = await installation.Cases.MeasureAsync(cancellationToken);
        var entries = await installation.Audit.LastNumberAsync(cancellationToken);
        terminal.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{figures.Undecided} cases wait for a decision. Their bytes lie sealed; {entries} entries of the audit log say who did what."));
        terminal.Out.Flush();
    }

    private static void Invite(DemoService service, DemoPictures pictures, string folder, Terminal terminal)
    {
        var output = terminal.Out;
        var example = pictures.Uploads.First(upload => upload.Expected == "hold");
        output.WriteLine();
        output.WriteLine($"Try it in another terminal. This picture is one from the bank, {example.WhatItIs}:");
        output.WriteLine();

        // Written as it is, never through a table: a wrapped line could not be copied.
        output.WriteLine(
            $"curl -s -H 'Authorization: Bearer {service.ScanKey}' -F service={DemoService.ServiceName} " +
            $"-F {ShellWord.Of($"file=@{example.Path}")} {service.Address}v1/scan");
        output.WriteLine();
        output.WriteLine("What was not clean is sealed and waits for a person, picture by picture:");
        output.WriteLine();
        output.WriteLine($"palisade case list --data {ShellWord.Of(service.Installation.Options.Data)}");
        output.WriteLine();
        output.WriteLine("What became of it, and whether everything that is kept is whole:");
        output.WriteLine();
        var program = ShellWord.Of(Environment.ProcessPath ?? "palisade");
        output.WriteLine($"{program} case list --data {ShellWord.Of(folder)}");
        output.WriteLine($"{program} audit list --data {ShellWord.Of(folder)}");
        output.WriteLine($"{program} verify --data {ShellWord.Of(folder)}");
        output.WriteLine();
        output.WriteLine($"The API is described at {service.Address}docs. Ctrl-C stops the demo.");
        output.Flush();
    }

    /// <summary>The demo's own folder goes with it, whether it stopped as asked or could not start.</summary>
    private static void End(string folder, bool isKept, Terminal terminal)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        if (isKept)
        {
            terminal.Out.WriteLine($"Stopped. Its folder stays until you remove it: rm -r {ShellWord.Of(folder)}");
            return;
        }

        Directory.Delete(folder, recursive: true);
        terminal.Out.WriteLine("Stopped, and its folder is removed.");
    }

    private static string FreshFolder() =>
        Path.Combine(Path.GetTempPath(), $"palisade-demo-{Guid.NewGuid().ToString("n")[..8]}");
}
