using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Banks;
using Palisade.Decoding;
using Palisade.Keys;
using Palisade.Server.Api;
using Palisade.Server.Options;
using Palisade.Signals.Pdq;
using Palisade.Testing;

namespace Palisade.Server.Tests.UploadGate;

/// <summary>A whole Palisade in a folder of its own and on a real port, with one bank of benign pictures.</summary>
public sealed class RealPalisade : IAsyncLifetime
{
    public const int EnrolledPictures = 250;

    private const int Width = 96;
    private const int Height = 80;

    private readonly string _folder = Directory.CreateTempSubdirectory("palisade-real-").FullName;
    private Installation _installation = null!;
    private WebApplication _server = null!;

    public Uri Address => new(_server.Urls.Single());

    /// <summary>A key as an upload server has it: nothing of a match is told to it.</summary>
    public string Key { get; private set; } = "";

    /// <summary>A key that is told about matches.</summary>
    public string DetailKey { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var options = new PalisadeOptions
        {
            Data = _folder,
            Development = true, // the pictures are our own, so a machine without sandbox layers may run this too
            Listen = new() { Url = "http://127.0.0.1:0" },
            Decoder = new() { ProgramFolder = DecoderProgram.Folder, Workers = 2 },
        };
        _installation = await Installation.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, default);
        await _installation.StartScanningAsync(default);
        await EnrolAsync();
        Key = await CreateKeyAsync(ApiScopes.Scan, ApiScopes.ScansRead, ApiScopes.VerdictsRead);
        DetailKey = await CreateKeyAsync(ApiScopes.Scan, ApiScopes.ScansRead, ApiScopes.VerdictsRead, ApiScopes.MatchDetail);
        _server = WebHost.Build(_installation);
        await _server.StartAsync();
    }

    /// <summary>An enrolled picture, saved again as another form: it looks the same and shares no byte.</summary>
    public Task<byte[]> MatchingAsync(int number) => EncodeAsync(number, "jpeg", 80);

    /// <summary>A picture that is in no bank.</summary>
    public Task<byte[]> OrdinaryAsync(int number) => EncodeAsync(number + 10_000, "jpeg", 80);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _installation.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task EnrolAsync()
    {
        var bank = (await _installation.Banks.CreateAsync(
            new() { Name = "drawings", Owner = "tests", Purpose = BankPurpose.Practice }, Actor.Palisade, default)).Value!;
        var signals = new List<NewSignal>();
        for (var number = 0; number < EnrolledPictures; number++)
        {
            var decoded = await _installation.Decoder.DecodeAsync(await EncodeAsync(number, "png", 0), default);
            var fingerprint = Assert.IsType<DecodeOutcome.Decoded>(decoded).Picture.Frames[0].Full;
            signals.Add(new(new SignalValue(fingerprint.Hash), PdqProfile.Full, fingerprint.Quality));
        }

        var answers = await _installation.Banks.AddSignalsAsync(bank.Id, signals, Actor.Palisade, default);
        Assert.DoesNotContain(answers, answer => answer.IsRefused);
        await _installation.Index.CatchUpAsync(default);
    }

    private async Task<string> CreateKeyAsync(params string[] scopes) =>
        Assert.IsType<KeyCreation.Created>(await _installation.Keys.CreateAsync("gate", scopes, [], null, default)).Secret;

    private Task<byte[]> EncodeAsync(int seed, string format, int quality) =>
        _installation.Decoder.EncodeAsync(Draw(seed), Width, Height, format, Math.Max(quality, 1), default);

    /// <summary>Waves of many lengths and directions, their hues apart: each seed another picture, all of them strong.</summary>
    private static byte[] Draw(int seed)
    {
#pragma warning disable RS0030 // seeded: the same pictures every time, and no adversary
        var chance = new Random(seed);
#pragma warning restore RS0030
        var waves = Enumerable.Range(0, 16).Select(_ => (
            Across: chance.NextDouble() * 16 - 8,
            Down: chance.NextDouble() * 16 - 8,
            Phase: chance.NextDouble() * Math.Tau,
            Hue: chance.Next(3))).ToArray();
        var rgb = new byte[Width * Height * 3];
        for (var at = 0; at < rgb.Length; at++)
        {
            var (x, y) = (at / 3 % Width / (double)Width, at / 3 / Width / (double)Height);
            var height = waves.Sum(wave =>
                Math.Cos((Math.Tau * ((wave.Across * x) + (wave.Down * y))) + wave.Phase) * (wave.Hue == at % 3 ? 1.5 : 1));
            rgb[at] = (byte)Math.Clamp(128 + (22 * height), 0, 255);
        }

        return rgb;
    }
}
