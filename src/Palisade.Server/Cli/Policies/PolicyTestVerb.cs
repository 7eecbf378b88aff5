using System.CommandLine;
using System.Globalization;
using Palisade.Scanning;

namespace Palisade.Server.Cli.Policies;

/// <summary><c>palisade policy test FILE...</c>: what would happen and why, without storing anything.</summary>
internal static class PolicyTestVerb
{
    public static Command Create(Terminal terminal)
    {
        var paths = PathArgument.Create("FILE", "Files or folders", ArgumentArity.OneOrMore);
        var service = new Option<string?>("--service") { Description = "One service of the policy [default: all]", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every file and service" };
        var verb = new Verb(
            "test",
            "Show what the policy makes of files in each service, and why. Nothing is stored.",
            "palisade policy test photo.jpg",
            "palisade policy test --service avatars uploads/")
        {
            ExitCodes = "0 every file was judged, whatever the verdict; 2 something could not be read",
        };
        verb.Add(paths);
        verb.Add(service);
        verb.Add(json);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var files = PictureFiles.Find(parsed.GetRequiredValue(paths), cancellationToken);
            await using var installation = await data.OpenForScanningAsync(parsed, files.Count, cancellationToken);
            var services = parsed.GetValue(service) is { } one ? [one] : installation.Policy.Services;
            if (services.FirstOrDefault(name => installation.Policy.Find(name) is null) is { } unknown)
            {
                terminal.Complain($"The policy has no service '{unknown}'; it has {string.Join(", ", installation.Policy.Services)}.");
                return ExitCode.Error;
            }

            var exitCode = ExitCode.Ok;
            foreach (var file in files)
            {
                var read = await UploadReader.ReadAsync(file, installation.Options.Decoder.MaxFileBytes, cancellationToken);
                if (read is not ReadUpload.Whole { Bytes: var bytes })
                {
                    terminal.Complain($"{file.Path}: {PlainReason.Of(WhyNot(read))}");
                    exitCode = ExitCode.Error;
                    continue;
                }

                foreach (var name in services)
                {
                    var verdict = (await installation.Scanner.JudgeAsync(name, bytes, cancellationToken))!;
                    Print(file.Path, name, verdict, parsed.GetValue(json), terminal);
                }
            }

            return exitCode;
        });
        return verb;
    }

    private static string WhyNot(ReadUpload read) => read switch
    {
        ReadUpload.Refused refused => refused.Reason,
        ReadUpload.Unreadable unreadable => unreadable.Reason,
        _ => "too-large",
    };

    private static void Print(string file, string service, Verdict verdict, bool asJson, Terminal terminal)
    {
        if (asJson)
        {
            terminal.Out.WriteJsonLine(new
            {
                file,
                service,
                verdict = verdict.Action,
                reasons = verdict.Reasons,
                matches = verdict.Matches.Select(match => new
                {
                    bank = match.Bank.Name,
                    signal = match.Signal.ToString(),
                    distance = match.DistanceBits,
                    orientation = Words.Of(match.Orientation),
                    threshold = match.ThresholdBits,
                }),
            });
            return;
        }

        var reasons = verdict.Reasons.Count == 0 ? "nothing stands against it" : string.Join(", ", verdict.Reasons.Select(PlainReason.Of));
        terminal.Out.WriteLine($"{Terminal.Escaped(file)} in {service}: {Words.Of(verdict.Action)} ({reasons})");
        foreach (var match in verdict.Matches.Concat(verdict.ShadowMatches))
        {
            terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"    bank {match.Bank.Name} ({Words.Of(match.Bank.Purpose)}, {Words.Of(match.Bank.AllowedAction)} at most): signal {match.Signal}, " +
                $"{(match.IsExact ? $"the same {Words.Of(match.Type)}" : $"{match.DistanceBits} bits apart, at most {match.ThresholdBits} match")}" +
                $"{(match.Orientation == default ? "" : $", turned {Words.Of(match.Orientation)}")}{(match.IsShadow ? ", on probation: recorded only" : "")}"));
        }
    }
}
