using System.CommandLine;
using Palisade.Decoding;
using Palisade.Signals.Pdq;
using Spectre.Console;

namespace Palisade.Server.Cli;

/// <summary><c>palisade compare A B</c>: how far apart two pictures, or two hashes, lie.</summary>
internal static class CompareVerb
{
    public static Command Create(Terminal terminal)
    {
        var left = new Argument<string>("A") { Description = "A picture, or a PDQ hash of 64 hexadecimal digits" };
        var right = new Argument<string>("B") { Description = "What it is compared with" };
        var json = new Option<bool>("--json") { Description = "One JSON object instead of tables" };
        var regions = new Option<bool>("--regions")
        {
            Description = "Whether B was made from A: repainted in part, cropped, framed, or with a patch of it",
        };
        var map = new Option<string?>("--map")
        {
            Description = "With --regions: a PNG of B's outlines in which the altered parts are coloured",
            HelpName = "FILE",
        };
        var verb = new Verb(
            "compare",
            "Show how far apart two pictures or PDQ hashes lie: differing bits, all orientations, both profiles.",
            "palisade compare original.jpg copy.png --regions --map altered.png",
            "palisade compare original.jpg copy.png",
            "palisade compare photo.jpg d8f8f0cce0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22");
        verb.Add(left);
        verb.Add(right);
        verb.Add(regions);
        verb.Add(map);
        verb.Add(json);
        verb.SetAction((parsed, cancellationToken) => parsed.GetValue(regions) || parsed.GetValue(map) is not null
            ? RegionComparison.RunAsync(
                parsed.GetRequiredValue(left), parsed.GetRequiredValue(right), parsed.GetValue(map), parsed.GetValue(json), terminal,
                cancellationToken)
            : RunAsync(
            parsed.GetRequiredValue(left), parsed.GetRequiredValue(right), parsed.GetValue(json), terminal, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(
        string leftName, string rightName, bool asJson, Terminal terminal, CancellationToken cancellationToken)
    {
        var left = Typed(leftName);
        var right = Typed(rightName);
        if (left is null || right is null)
        {
            await using var decoders = await LocalDecoders.StartAsync(files: 2, cancellationToken);
            left ??= await ReadAsync(leftName, decoders, terminal, cancellationToken);
            right ??= await ReadAsync(rightName, decoders, terminal, cancellationToken);
        }

        if (left is null || right is null)
        {
            return ExitCode.Error;
        }

        var full = Comparison.Of(left, right, PdqProfile.Full);
        var nn512 = left.Typed is null || right.Typed is null ? Comparison.Of(left, right, PdqProfile.Nn512) : null;
        if (asJson)
        {
            terminal.Out.WriteJsonLine(new { a = Side(left), b = Side(right), full, nn512 });
        }
        else
        {
            Print(left, right, full, nn512, terminal);
        }

        return ExitCode.Ok;
    }

    private static Compared? Typed(string name) =>
        !File.Exists(name) && PdqHash.TryParse(name, out var hash) ? new Compared(name) { Typed = hash } : null;

    private static async Task<Compared?> ReadAsync(
        string path, LocalDecoders decoders, Terminal terminal, CancellationToken cancellationToken)
    {
        var kind = path == PictureFile.StandardInput ? FileKind.Regular : FileKinds.OfTarget(path);
        var file = kind is FileKind.Folder or FileKind.Special
            ? new PictureFile(path, "not-a-file")
            : new PictureFile(path);
        switch (await UploadReader.ReadAsync(file, decoders.MaxFileBytes, cancellationToken))
        {
            case ReadUpload.Whole { Bytes: var bytes }:
                var outcome = await decoders.Pool.DecodeAsync(bytes, cancellationToken);
                if (outcome is DecodeOutcome.Decoded { Picture.Frames: [var frame, ..] })
                {
                    return new Compared(path) { Full = frame.Full, Nn512 = frame.Nn512 };
                }

                terminal.Complain(outcome is DecodeOutcome.Undecodable undecodable
                    ? $"{path}: {PlainReason.Of(Words.Of(undecodable.Reason))}"
                    : $"{path}: not a picture that can be compared");
                return null;

            case ReadUpload.Refused:
                terminal.Complain($"{path} is not a file; compare takes two pictures or hashes.");
                return null;

            case ReadUpload.TooLarge:
                terminal.Complain($"{path} is larger than the limit of {decoders.MaxFileBytes >> 20} MiB.");
                return null;

            case ReadUpload.Unreadable { Reason: var reason }:
                terminal.Complain(reason == "missing"
                    ? $"{path}: there is no such file, and it is not a PDQ hash (64 hexadecimal digits)."
                    : $"{path}: {PlainReason.Of(reason)}");
                return null;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static object Side(Compared side) => side.Typed is { } typed
        ? new { hash = typed.ToString() }
        : new
        {
            file = side.Name,
            full = HashLine.ProfileHash.Of(side.Full!.Value),
            nn512 = HashLine.ProfileHash.Of(side.Nn512!.Value),
        };

    private static void Print(Compared left, Compared right, Comparison full, Comparison? nn512, Terminal terminal)
    {
        var output = terminal.Out;
        foreach (var (label, side) in new[] { ("A", left), ("B", right) })
        {
            output.WriteLine(side.Full is { } fingerprint
                ? $"{label}  {fingerprint.Hash}  quality {fingerprint.Quality}  {Terminal.Escaped(side.Name)}"
                : $"{label}  {side.Typed}");
        }

        output.WriteLine();
        output.WriteLine(full.Distance <= PdqHash.DefaultMatchDistance
            ? $"{full.Distance} of 256 bits differ: a match at the usual distance of {PdqHash.DefaultMatchDistance}."
            : $"{full.Distance} of 256 bits differ: no match at the usual distance of {PdqHash.DefaultMatchDistance}.");
        var (nearestWay, nearest) = full.Orientations.OrderBy(way => way.Value).FirstOrDefault();
        if (full.Distance > PdqHash.DefaultMatchDistance && nearestWay is not null && nearest <= PdqHash.DefaultMatchDistance)
        {
            output.WriteLine($"Turned or mirrored ({nearestWay}) it is one: {nearest} bits differ.");
        }

        output.WriteLine();
        PrintBits(full, output);

        if (full.Orientations.Count > 0)
        {
            var table = new Table { Border = TableBorder.Simple };
            table.AddColumn("orientation");
            table.AddColumn(new TableColumn("full").RightAligned());
            table.AddColumn(new TableColumn("nn512").RightAligned());
            foreach (var (way, distance) in full.Orientations)
            {
                table.AddRow(way, Shown(distance), Shown(nn512!.Orientations[way]));
            }

            terminal.Tables().Write(table);
        }
    }

    /// <summary>The 256 bits as the 16 x 16 frequencies they stand for, low ones at the top left.</summary>
    private static void PrintBits(Comparison comparison, TextWriter output)
    {
        var differing = comparison.DifferingBits.ToHashSet();
        for (var row = 0; row < 16; row++)
        {
            output.WriteLine("  " + string.Join(' ', Enumerable.Range(16 * row, 16).Select(bit => differing.Contains(bit) ? '■' : '·')));
        }
    }

    private static string Shown(int distance) =>
        distance <= PdqHash.DefaultMatchDistance ? $"[green]{distance}[/]" : $"{distance}";
}
