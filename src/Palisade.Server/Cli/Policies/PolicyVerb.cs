using System.CommandLine;
using Palisade.Policy;

namespace Palisade.Server.Cli.Policies;

/// <summary><c>palisade policy</c>: the file that says what a match leads to.</summary>
internal static class PolicyVerb
{
    public static Command Create(Terminal terminal) => new Verb(
        "policy",
        "Try, check or show the policy: which banks apply to which service, and what a match leads to.",
        "palisade policy test photo.jpg")
    {
        PolicyTestVerb.Create(terminal),
        CheckVerb(terminal),
        ShowVerb(terminal),
    };

    private static Verb CheckVerb(Terminal terminal)
    {
        var verb = new Verb("check", "Say what has to be changed in the policy file, with line numbers.", "palisade policy check")
        {
            ExitCodes = "0 it can be used, 2 it has to be changed",
        };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var file = FileOf(records);
            var policy = await PolicyBook.LoadAsync(file, cancellationToken);
            if (policy.CheckBanks(await records.Banks.ListAsync(cancellationToken)) is { Count: > 0 } problems)
            {
                throw new PolicyFileException(file, problems);
            }

            terminal.Out.WriteLine($"{file} is in order. Services: {string.Join(", ", policy.Services)}.");
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Verb ShowVerb(Terminal terminal)
    {
        var verb = new Verb("show", "Print the policy file; the default is written first when there is none.", "palisade policy show");
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var file = FileOf(records);
            if (!File.Exists(file))
            {
                await PolicyBook.LoadAsync(file, cancellationToken);
            }

            terminal.Error.WriteLine(file);
            terminal.Out.Write(await File.ReadAllTextAsync(file, cancellationToken));
            return ExitCode.Ok;
        });
        return verb;
    }

    private static string FileOf(Installation installation) =>
        Path.Combine(installation.Options.Data, PolicyBook.FileName);
}
