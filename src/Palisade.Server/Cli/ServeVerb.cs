using System.CommandLine;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Palisade.Server.Api;
using Palisade.Server.Cli.Sealing;
using Palisade.Server.Options;

namespace Palisade.Server.Cli;

/// <summary><c>palisade serve</c>: answers a platform's uploads over HTTP until it is stopped.</summary>
internal static class ServeVerb
{
    public static Command Create(Terminal terminal)
    {
        var url = new Option<string?>("--url")
        {
            Description = "Where it answers [default: http://127.0.0.1:8080]; port 0 takes a free one",
            HelpName = "URL",
        };
        var development = new Option<bool>("--development")
        {
            Description = "On one's own machine: start even where nothing confines the decoder",
        };
        var unsealWith = new Option<string?>("--unseal-with")
        {
            Description = "A command that prints the operator's key: evidence can then be opened from the start, unattended",
            HelpName = "COMMAND",
        };
        var verb = new Verb(
            "serve",
            "Answer a platform's uploads with verdicts over HTTP, until stopped with Ctrl-C or SIGTERM.",
            "palisade serve",
            "palisade serve --data /var/lib/palisade --url http://127.0.0.1:9000")
        {
            ExitCodes = "0 stopped as asked, 2 it could not start, or its records could no longer be kept",
        };
        verb.Add(url);
        verb.Add(development);
        verb.Add(unsealWith);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var options = data.Read(
                parsed,
                ("listen:url", parsed.GetValue(url)),
                ("keys:unsealWith", parsed.GetValue(unsealWith)),
                ("development", parsed.GetValue(development) ? "true" : null));
            if (IsTaken(options.Listen))
            {
                terminal.Complain(
                    $"{options.Listen.Url} is taken by another program. Stop that one, or choose another place with --url.");
                return ExitCode.Error;
            }

            CoreDumps.Refuse();
            using var logs = LoggerFactory.Create(LogLines.AddTo);
            await using var installation = await Installation.OpenAsync(options, TimeProvider.System, logs, cancellationToken);
            await EvidenceStart.PrepareAsync(installation, terminal, logs.CreateLogger("Palisade.Evidence"), cancellationToken);
            await installation.PrepareScanningAsync(cancellationToken);
            await using var app = WebHost.Build(installation, LogLines.AddTo);
            await app.StartAsync(cancellationToken);
            Announce(app, installation, terminal);
            await app.WaitForShutdownAsync(cancellationToken);
            return installation.Store.Failed.IsCancellationRequested ? ExitCode.Error : ExitCode.Ok;
        });
        return verb;
    }

    /// <summary>Found out before anything is opened, so that the operator reads a sentence and not the web server's trace.</summary>
    private static bool IsTaken(ListenOptions listen)
    {
        if (ListenOptions.EndPoint(listen.Url) is not { Port: not 0 } address)
        {
            return false;
        }

        using var trial = new TcpListener(address);
        try
        {
            trial.Start();
            return false;
        }
        catch (SocketException refusal) when (refusal.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return true;
        }
    }

    private static void Announce(WebApplication app, Installation installation, Terminal terminal)
    {
        var address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        terminal.Out.WriteLine($"Palisade answers at {address}");
        terminal.Out.WriteLine($"  data folder  {Path.GetFullPath(installation.Options.Data)}");
        terminal.Out.WriteLine($"  services     {string.Join(", ", installation.Policy.Services)}");
        terminal.Out.WriteLine($"  pictures     {string.Join(", ", installation.Decoder.Formats)}, read by {installation.Options.Decoder.Workers} workers");
        terminal.Out.WriteLine($"  confined by  {ConfinementOf(installation)}");
        terminal.Out.WriteLine($"  evidence     {EvidenceStart.StateOf(installation)}");
        if (installation.Approvals.IsSingleOperator)
        {
            terminal.Out.WriteLine("single-operator-i-accept is set: the second person may be the first one, 24 hours later.");
        }

        terminal.Out.Flush();
    }

    private static string ConfinementOf(Installation installation)
    {
        var active = installation.Decoder.Sandbox.Layers.Where(layer => layer.IsActive).Select(layer => Words.Of(layer.Layer)).ToList();
        return installation.Decoder.Sandbox.IsConfined
            ? string.Join(", ", active)
            : "NOTHING: uploads are decoded without a sandbox; palisade doctor says what adds one";
    }
}
