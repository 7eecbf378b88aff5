using Palisade.Audit;
using Palisade.Banks;
using Palisade.Keys;
using Palisade.Server.Tests.Api;
using Palisade.Signals.Pdq;

namespace Palisade.Server.Tests.UploadGate;

/// <summary>A whole Palisade on a real port with one bank of drawn pictures, shared by the tests of a class.</summary>
public sealed class RealPalisade : IAsyncLifetime
{
    public const int EnrolledPictures = 250;

    private readonly List<int> _enrolled = [];
    private RunningService _service = null!;

    public Uri Address => _service.Address;

    /// <summary>A key as an upload server has it: nothing of a match is told to it.</summary>
    public string Key { get; private set; } = "";

    /// <summary>A key that is told about matches.</summary>
    public string DetailKey { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.StartAsync();
        var bank = await _service.BankAsync("drawings");
        var signals = new List<NewSignal>();
        for (var seed = 0; signals.Count < EnrolledPictures; seed++)
        {
            var fingerprint = (await _service.FingerprintAsync(await EncodeAsync(seed, "png"))).Full;
            if (fingerprint.Quality < 80)
            {
                continue; // one block hides nearly everything
            }

            _enrolled.Add(seed);
            signals.Add(new(new SignalValue(fingerprint.Hash), PdqProfile.Full, fingerprint.Quality));
        }

        var answers = await _service.Installation.Banks.AddSignalsAsync(bank.Id, signals, Actor.Palisade, default);
        Assert.DoesNotContain(answers, answer => answer.IsRefused);
        await _service.Installation.Index.SettleAsync(default);
        Key = await _service.KeyAsync([ApiScopes.Scan, ApiScopes.ScansRead, ApiScopes.VerdictsRead]);
        DetailKey = await _service.KeyAsync([ApiScopes.Scan, ApiScopes.MatchDetail]);
    }

    /// <summary>An enrolled picture, saved again in another form: it looks the same and shares no bytes.</summary>
    public Task<byte[]> MatchingAsync(int number) => EncodeAsync(_enrolled[number], "jpeg");

    /// <summary>A picture that is in no bank.</summary>
    public Task<byte[]> OrdinaryAsync(int number) => EncodeAsync(10_000 + number, "jpeg");

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    private Task<byte[]> EncodeAsync(int seed, string format) =>
        _service.EncodeAsync(Drawing.Of(seed, width: 160, height: 128), format, quality: 80);
}
