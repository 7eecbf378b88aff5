using System.CommandLine;
using Palisade.Review;

namespace Palisade.Server.Cli.Cases;

/// <summary><c>palisade case open</c>: a moderator's own flag.</summary>
internal static class CaseOpenVerb
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string?>("FILE") { Description = "The file that is flagged", Arity = ArgumentArity.ZeroOrOne };
        var text = new Option<string?>("--text") { Description = "What is wrong with it", HelpName = "TEXT" };
        var reference = new Option<string?>("--reference") { Description = "Where the content is on the platform", HelpName = "ADDRESS" };
        var category = new Option<string?>("--category") { Description = "The platform's word for the kind of complaint", HelpName = "WORD" };
        var content = new Option<string?>("--content-id") { Description = "The platform's name for the content; the feed says it again", HelpName = "ID" };
        var uploader = new Option<string?>("--uploader") { Description = "Stands for the uploader without naming anybody", HelpName = "TOKEN" };
        var service = new Option<string?>("--service") { Description = "The service of the policy [default: the first one]", HelpName = "NAME" };
        var verb = new Verb(
            "open",
            "Open a case by hand, for a file, a text or a reference. No match is needed; an undecided case of the same content is joined.",
            "palisade case open photo.jpg --text \"a user complained\" --content-id 4711",
            "palisade case open --reference https://example.org/post/17 --category grooming")
        {
            file, text, reference, category, content, uploader, service,
        };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            byte[] bytes = [];
            await using var records = await data.OpenForScanningAsync(parsed, files: 1, cancellationToken);
            if (parsed.GetValue(file) is { } path)
            {
                var length = new FileInfo(path).Length;
                if (length > records.Options.Decoder.MaxFileBytes)
                {
                    terminal.Complain($"{path} is larger than decoder.maxFileBytes. Raise the setting, or flag it with --reference.");
                    return ExitCode.Error;
                }

                bytes = await File.ReadAllBytesAsync(path, cancellationToken);
            }

            var named = parsed.GetValue(service) ?? records.Policy.Services.First();
            var result = await records.Flags.TakeAsync(
                new FlagRequest
                {
                    Service = named,
                    Bytes = bytes,
                    FileName = parsed.GetValue(file) is { } name ? Path.GetFileName(name) : null,
                    Flag = new FlagFacts
                    {
                        Text = parsed.GetValue(text),
                        Reference = parsed.GetValue(reference),
                        Category = parsed.GetValue(category),
                    },
                    ContentId = parsed.GetValue(content),
                    UploaderToken = parsed.GetValue(uploader),
                    By = DataFolder.Me,
                },
                cancellationToken);
            switch (result)
            {
                case FlagResult.Taken { Case: var opened }:
                    terminal.Out.WriteLine(opened.Uploads == 1
                        ? $"Opened case {opened.Number}."
                        : $"Joined case {opened.Number}, which has {opened.Uploads} uploads and flags now.");
                    return ExitCode.Ok;
                case FlagResult.Empty:
                    terminal.Complain("Name a file, or say what is wrong with --text, or where it is with --reference.");
                    return ExitCode.Error;
                default:
                    terminal.Complain($"The policy has no service '{named}'; it has {string.Join(", ", records.Policy.Services)}.");
                    return ExitCode.Error;
            }
        });
        return verb;
    }
}
