using System.CommandLine;

namespace Palisade.Server.Cli;

/// <summary><c>palisade hash PATH...</c>: fingerprints of files, with no bank and no data folder.</summary>
internal static class HashVerb
{
    public static Command Create(Terminal terminal)
    {
        var paths = PathArgument.Create(
            "PATH", "Files or folders; - reads one file from standard input", ArgumentArity.OneOrMore);
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every file, whatever its state" };
        var verb = new Verb(
            "hash",
            "Print the fingerprints of pictures: PDQ in both profiles, MD5, SHA-1 and SHA-256.",
            "palisade hash photo.jpg",
            "palisade hash --json uploads/ > fingerprints.ndjson")
        {
            ExitCodes = "0 every file was hashed, 2 at least one was not",
        };
        verb.Add(paths);
        verb.Add(json);
        verb.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed.GetRequiredValue(paths), parsed.GetValue(json), terminal, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(
        string[] paths, bool asJson, Terminal terminal, CancellationToken cancellationToken)
    {
        var files = PictureFiles.Find(paths, cancellationToken);
        await using var decoders = await LocalDecoders.StartAsync(files.Count, cancellationToken);
        var hasher = new FileHasher(decoders.Pool, decoders.MaxFileBytes);
        using var progress = new Progress(terminal, TimeProvider.System, "Hashing", "files", files.Count);

        var failed = 0;
        await foreach (var line in InOrder.SelectAsync(files, decoders.AtOnce, hasher.HashAsync, cancellationToken))
        {
            progress.Clear();
            if (asJson)
            {
                terminal.Out.WriteJsonLine(line);
            }
            else
            {
                Print(line, terminal.Out);
            }

            failed += line.IsOk ? 0 : 1;
            progress.Advance();
        }

        progress.Clear();
        if (failed > 0 && files.Count > 1)
        {
            terminal.Error.WriteLine($"{failed:#,0} of {files.Count:#,0} files could not be hashed.");
        }

        return failed == 0 ? ExitCode.Ok : ExitCode.Error;
    }

    private static void Print(HashLine line, TextWriter output)
    {
        var name = Terminal.Escaped(line.File);
        output.WriteLine(line.IsOk
            ? $"{name}: {line.Format}, {line.Width} x {line.Height}{(line.Approximate == true ? ", approximate" : "")}"
            : $"{name}: {line.Status}: {PlainReason.Of(line.Reason!)}");
        if (line.Pdq is { } pdq)
        {
            output.WriteLine($"  pdq     {pdq.Full.Hash}  quality {pdq.Full.Quality}");
            output.WriteLine($"  nn512   {pdq.Nn512.Hash}  quality {pdq.Nn512.Quality}");
        }

        if (line.Sha256 is not null)
        {
            output.WriteLine($"  md5     {line.Md5}");
            output.WriteLine($"  sha1    {line.Sha1}");
            output.WriteLine($"  sha256  {line.Sha256}");
        }
    }
}
