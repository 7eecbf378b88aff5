using System.CommandLine;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Palisade.Audit.Notes;
using Palisade.Audit.Witnessing;
using Palisade.Server.Options;
using Palisade.Server.Witness;

namespace Palisade.Server.Cli;

/// <summary><c>palisade witness</c>: cosigns other deployments' checkpoints.</summary>
internal static class WitnessVerb
{
    private const string KeyFile = "witness.key";
    private const string PublicKeyFile = "witness.pub";

    public static Command Create(Terminal terminal)
    {
        var name = new Option<string?>("--name")
        {
            Description = "Name of a new witness, such as witness.example.org/palisade; counts when its key is made",
            HelpName = "NAME",
        };
        var logs = new Option<string[]>("--log")
        {
            Description = "A log to witness: the line in its audit.pub, or a file that holds it; repeat for several",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "KEY",
        };
        var url = new Option<string>("--url")
        {
            Description = "Where it answers, http on an address in numbers; put TLS in front of it",
            DefaultValueFactory = _ => "http://127.0.0.1:8090",
            HelpName = "URL",
        };
        var folder = new Option<string>("--data")
        {
            Description = "Its folder: key and the last checkpoint of each log",
            DefaultValueFactory = _ => "palisade-witness",
            HelpName = "FOLDER",
        };
        var verb = new Verb(
            "witness",
            "Cosign other deployments' checkpoints, each only when it continues the one before, until stopped.",
            "palisade witness --name witness.example.org/one --log audit.pub",
            "palisade witness --data /var/lib/palisade-witness --log a.pub b.pub --url http://127.0.0.1:9100")
        {
            name, logs, url, folder,
        };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            if (ReadLogs(parsed.GetValue(logs) ?? [], terminal) is not { Count: > 0 } known)
            {
                return ExitCode.Error;
            }

            var address = parsed.GetRequiredValue(url);
            var newName = parsed.GetValue(name) ?? $"palisade-witness/{Guid.NewGuid().ToString("N")[..16]}";
            if (ListenOptions.EndPoint(address) is null || ListenOptions.IsHttps(address) || !NoteKey.IsName(newName))
            {
                terminal.Complain("--url is http:// with an address in numbers and a port; --name has no spaces and no plus signs.");
                return ExitCode.Error;
            }

            var data = Path.GetFullPath(parsed.GetRequiredValue(folder));
            var key = SigningKey.OpenOrCreate(
                Path.Combine(data, KeyFile), newName, NoteKeyKind.Cosigner, content => content, content => content);
            using var book = new WitnessBook(data, key, known, TimeProvider.System);
            await File.WriteAllTextAsync(Path.Combine(data, PublicKeyFile), book.PublicKey + "\n", Encoding.UTF8, cancellationToken);
            await using var app = WitnessHost.Build(book, address, LogLines.AddTo);
            await app.StartAsync(cancellationToken);
            var bound = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
            terminal.Out.WriteLine($"The witness answers at {bound}");
            terminal.Out.WriteLine($"  key   {book.PublicKey}");
            terminal.Out.WriteLine($"  logs  {string.Join(", ", book.Logs.Select(log => log.Name))}");
            terminal.Out.Flush();
            await app.WaitForShutdownAsync(cancellationToken);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static List<NoteKey>? ReadLogs(string[] texts, Terminal terminal)
    {
        var keys = new List<NoteKey>();
        foreach (var text in texts)
        {
            var line = File.Exists(text) ? File.ReadAllText(text) : text;
            if (!NoteKey.TryParse(line, out var key) || key.Kind != NoteKeyKind.Log)
            {
                terminal.Complain($"'{text}' is no public key of a log. It is the line in the log's audit.pub, or a file with it.");
                return null;
            }

            keys.Add(key);
        }

        if (keys.Count == 0)
        {
            terminal.Complain("Name at least one log with --log: the file audit.pub of the deployment that asked for a witness.");
        }

        return keys;
    }
}
