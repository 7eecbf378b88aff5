using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Server.Api;
using Palisade.Server.Cli.Keys;
using Palisade.Server.Options;

namespace Palisade.Server.Demo;

/// <summary>The service as the demo runs it: a fresh folder, a free port, two keys, two decoder workers at most.</summary>
public sealed class DemoService : IAsyncDisposable
{
    /// <summary>A service of the default policy that also finds turned and mirrored pictures.</summary>
    public const string ServiceName = "chat-images";

    private const int FirstPort = 8080;
    private const int MostWorkers = 2;

    private readonly WebApplication _app;

    private DemoService(Installation installation, WebApplication app, Uri address, string scanKey, string adminKey)
    {
        Installation = installation;
        _app = app;
        Address = address;
        ScanKey = scanKey;
        AdminKey = adminKey;
    }

    public Installation Installation { get; }

    public Uri Address { get; }

    /// <summary>May scan and see what matched.</summary>
    public string ScanKey { get; }

    /// <summary>May do everything else.</summary>
    public string AdminKey { get; }

    /// <param name="folder">A folder that is not there yet, or empty.</param>
    /// <exception cref="IOException">The folder is in use, or no port is free.</exception>
    public static async Task<DemoService> StartAsync(string folder, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new IOException($"The demo needs a fresh folder, and {Path.GetFullPath(folder)} is not empty. Name another with --data.");
        }

        var port = FreePort();
        var options = new PalisadeOptions
        {
            Data = folder,
            Development = true,
            Listen = new ListenOptions { Url = $"http://127.0.0.1:{port}" },
        };
        options = options with
        {
            Decoder = options.Decoder with { Workers = Math.Min(MostWorkers, options.Decoder.Workers) },
        };
        var installation = await Installation.OpenAsync(
            options, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
        try
        {
            var scanKey = await CreateKeyAsync(
                installation, "demo: scan", [ApiScopes.Scan, ApiScopes.MatchDetail], cancellationToken);
            var adminKey = await CreateKeyAsync(
                installation,
                "demo: administration",
                [.. ApiScopes.All.Except([ApiScopes.Scan, ApiScopes.MatchDetail], StringComparer.Ordinal)],
                cancellationToken);
            await UnsealAsync(installation, folder, cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, PolicyBook.FileName), DefaultPolicy.Text, cancellationToken);
            await installation.StartScanningAsync(cancellationToken);
            var app = WebHost.Build(installation);
            await app.StartAsync(cancellationToken);
            return new DemoService(installation, app, new Uri(options.Listen.Url), scanKey, adminKey);
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stays up until it is told to stop.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _app.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        await Installation.DisposeAsync();
    }

    /// <summary>Evidence of the demo's own pictures may be opened by anybody who has its folder.</summary>
    private static async Task UnsealAsync(Installation installation, string folder, CancellationToken cancellationToken)
    {
        using var secret = OperatorKeyChoice.NewDevelopmentFile(folder);
        _ = await new KeyCeremony(installation.Sealing).InitialiseAsync(secret, Actor.Palisade, cancellationToken)
            ?? await installation.Sealing.UnsealAsync(secret, Actor.Palisade, "the demo", cancellationToken);
    }

    private static async Task<string> CreateKeyAsync(
        Installation installation, string name, string[] scopes, CancellationToken cancellationToken) =>
        await installation.Keys.CreateAsync(name, scopes, [], life: null, Actor.Palisade, cancellationToken) is KeyCreation.Created created
            ? created.Secret
            : throw new System.Diagnostics.UnreachableException("The demo's own keys are in order.");

    /// <summary>The first port from 8080 up on which nobody listens.</summary>
    private static int FreePort()
    {
        for (var port = FirstPort; port < FirstPort + 100; port++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there: the next one.
            }
        }

        throw new IOException($"None of the ports {FirstPort} to {FirstPort + 99} is free.");
    }
}
