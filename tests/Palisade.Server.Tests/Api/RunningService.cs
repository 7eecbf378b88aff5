using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Decoding;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Server.Api;
using Palisade.Server.Options;
using Palisade.Testing;

namespace Palisade.Server.Tests.Api;

/// <summary>The whole service in a folder of its own, on a real port, with a real decoder.</summary>
public sealed class RunningService : IAsyncDisposable
{
    private static readonly Actor Tests = Actor.CommandLine("tests");

    private readonly WebApplication _app;
    private readonly ILoggerFactory _logs;

    private RunningService(Installation installation, WebApplication app, CollectedLogs lines, ILoggerFactory logs, string folder)
    {
        Installation = installation;
        _app = app;
        _logs = logs;
        Lines = lines;
        Folder = folder;
        Address = new Uri(app.Urls.First());
    }

    public Installation Installation { get; }

    public string Folder { get; }

    public Uri Address { get; }

    public WebApplication App => _app;

    /// <summary>Every line that was logged, at the most verbose level.</summary>
    public CollectedLogs Lines { get; }

    /// <param name="isLogged">Whether every line is kept in <see cref="Lines"/>.</param>
    /// <param name="isSealing">Whether there is a sealing key, so that evidence can be kept.</param>
    public static async Task<RunningService> StartAsync(
        Func<PalisadeOptions, PalisadeOptions>? change = null,
        string? folder = null,
        string? policy = null,
        TimeProvider? clock = null,
        bool isLogged = true,
        bool isSealing = true)
    {
        folder ??= Directory.CreateTempSubdirectory("palisade-api").FullName;
        if (policy is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, PolicyBook.FileName), policy);
        }

        var options = new PalisadeOptions
        {
            Data = folder,
            Development = true,
            Listen = new ListenOptions { Url = "http://127.0.0.1:0" },
            Decoder = new DecoderOptions { ProgramFolder = DecoderProgram.Folder, Workers = 1 },
        };
        options = change?.Invoke(options) ?? options;
        var lines = new CollectedLogs();
        void Log(ILoggingBuilder logging) => logging.SetMinimumLevel(isLogged ? LogLevel.Trace : LogLevel.None).AddProvider(lines);
        var logs = LoggerFactory.Create(Log);
        var installation = await Installation.OpenAsync(options, clock ?? TimeProvider.System, logs, CancellationToken.None);
        if (isSealing && !installation.Sealing.CanSeal)
        {
            using var secret = TestKeys.NewSecret();
            Assert.Null(await installation.Sealing.InitialiseAsync(secret, Tests, CancellationToken.None));
        }

        await installation.PrepareScanningAsync(CancellationToken.None);
        var app = WebHost.Build(installation, Log);
        await installation.LoadBanksAsync(CancellationToken.None);
        await app.StartAsync();
        return new RunningService(installation, app, lines, logs, folder);
    }

    /// <summary>A client whose key has these scopes; every scope when none is named.</summary>
    public async Task<HttpClient> ClientAsync(params string[] scopes) =>
        ClientOf(await KeyAsync(scopes.Length > 0 ? scopes : [.. ApiScopes.All]));

    public HttpClient ClientOf(string? secret)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (secret is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        }

        return client;
    }

    public async Task<string> KeyAsync(string[] scopes, string[]? networks = null, TimeSpan? life = null)
    {
        var created = await Installation.Keys.CreateAsync("tests", scopes, networks ?? [], life, Tests, CancellationToken.None);
        return Assert.IsType<KeyCreation.Created>(created).Secret;
    }

    public async Task<Bank> BankAsync(string name, BankPurpose purpose = BankPurpose.Practice, BankSettings? settings = null)
    {
        var created = await Installation.Banks.CreateAsync(
            (settings ?? new BankSettings()) with
            {
                Name = name,
                Owner = "tests",
                Purpose = purpose,
                AllowedAction = settings?.AllowedAction ?? VerdictAction.Block,
            },
            Tests,
            CancellationToken.None);
        return Assert.IsType<Bank>(created.Value);
    }

    /// <summary>Adds a signal and returns when it is matched.</summary>
    public async Task<Signal> AddAsync(Bank bank, SignalValue value, int? quality = null)
    {
        var added = await TwoPeople.AddAsync(Installation.Approvals, Installation.Banks, bank, [new NewSignal(value, Quality: quality)]);
        await Installation.Index.SettleAsync(CancellationToken.None);
        return Assert.IsType<Signal>(added[0].Value);
    }

    public async Task SetStateAsync(Signal signal, SignalState state, DateTimeOffset? until = null)
    {
        await TwoPeople.SetStateAsync(Installation.Approvals, Installation.Banks, signal.Id, state, until);
        await Installation.Index.SettleAsync(CancellationToken.None);
    }

    /// <summary>The first frame's fingerprint of a file, as the decoder makes it.</summary>
    public async Task<FrameFingerprint> FingerprintAsync(byte[] file)
    {
        var outcome = await Installation.Decoder.DecodeAsync(file, CancellationToken.None);
        return Assert.IsType<DecodeOutcome.Decoded>(outcome).Picture.Frames[0];
    }

    public Task<byte[]> EncodeAsync(Drawing drawing, string format = "jpeg", int quality = 90) => Installation.Decoder.EncodeAsync(
        drawing.Rgb, drawing.Width, drawing.Height, format, quality, CancellationToken.None);

    /// <summary>A form as a platform sends it.</summary>
    public static MultipartFormDataContent Form(
        byte[] file, string service = "avatars", string? contentId = null, string? uploaderToken = null, string? time = null)
    {
        var form = new MultipartFormDataContent { { new StringContent(service), "service" } };
        foreach (var (name, value) in new[] { ("contentId", contentId), ("uploaderToken", uploaderToken), ("time", time) })
        {
            if (value is not null)
            {
                form.Add(new StringContent(value, Encoding.UTF8), name);
            }
        }

        form.Add(new ByteArrayContent(file), "file", "upload");
        return form;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Stops and leaves the folder as it is.</summary>
    public async Task StopAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Installation.DisposeAsync();
        _logs.Dispose();
    }
}
