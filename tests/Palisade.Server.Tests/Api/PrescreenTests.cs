using System.Text.Json;
using Palisade.Banks;
using Palisade.Decoding;
using Palisade.Keys;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;
using Palisade.Testing;

namespace Palisade.Server.Tests.Api;

/// <summary>With <c>decoder.prescreen</c>: what an estimate may decide, and that it never leaves the service.</summary>
public sealed class PrescreenTests : IAsyncLifetime
{
    private const int Width = 1_260;
    private const int Height = 1_210;

    private RunningService _service = null!;
    private HttpClient _client = null!;

    private DecoderPool Decoder => _service.Installation.Decoder;

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.StartAsync(options => options with { Decoder = options.Decoder with { Prescreen = true } });
        _client = await _service.ClientAsync(ApiScopes.Scan, ApiScopes.MatchDetail, ApiScopes.ScansRead);
        OptionalPart.Require(
            Decoder.JpegLibrary.StartsWith("libjpeg-turbo", StringComparison.Ordinal), "libjpeg-turbo (apt-get install libturbojpeg0)");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task It_is_off_unless_the_operator_asks_for_it()
    {
        await using var service = await RunningService.StartAsync();
        using var client = await service.ClientAsync(ApiScopes.Scan);

        await ScanAsync(client, await service.EncodeAsync(Drawing.Of(1, Width, Height)));

        Assert.False(new DecoderOptions().Prescreen);
        Assert.Equal(0, service.Installation.Decoder.Estimated);
    }

    [Fact]
    public async Task A_known_picture_s_likenesses_are_found_with_it_just_as_without_it()
    {
        await using var without = await RunningService.StartAsync();
        using var client = await without.ClientAsync(ApiScopes.Scan, ApiScopes.MatchDetail);
        var (known, unknown) = (await DetailedAsync(100), await DetailedAsync(200));
        var print = (await without.FingerprintAsync(await without.EncodeAsync(known, quality: 95))).Full;
        foreach (var service in new[] { without, _service })
        {
            await service.AddAsync(await service.BankAsync("practice"), new SignalValue(print.Hash), print.Quality);
        }

        var held = 0;
        foreach (var picture in new[] { known, known.Mirrored(), known.Turned(), unknown, Drawing.Flat(Width, Height) })
        {
            foreach (var quality in new[] { 30, 60, 95 })
            {
                var file = await without.EncodeAsync(picture, quality: quality);
                foreach (var surface in new[] { "avatars", "chat-images" })
                {
                    var expected = await ScanAsync(client, file, surface);
                    var answer = await ScanAsync(_client, file, surface);
                    Assert.Equal(Found(expected), Found(answer));
                    held += answer.Verdict() == "hold" ? 1 : 0;
                }
            }
        }

        // Held: the known one on both surfaces, turned and mirrored ones where all orientations count, at three qualities.
        Assert.Equal(12, held);
        Assert.Equal(12, _service.Installation.Scanner.RuledOutUploads);
    }

    [Fact]
    public async Task What_no_bank_can_know_is_never_decoded_exactly()
    {
        await _service.AddAsync(await _service.BankAsync("practice"), new SignalValue(Far), 100);
        var file = await _service.EncodeAsync(await DetailedAsync(300));

        var estimated = Decoder.Estimated;

        var answer = await ScanAsync(_client, file);

        Assert.Equal("allow", answer.Verdict());
        Assert.Equal((estimated + 1, 0), (Decoder.Estimated, Decoder.Decoded));
    }

    [Fact]
    public async Task What_comes_near_is_judged_by_the_exact_fingerprint_alone()
    {
        var (file, exact) = await MisestimatedAsync();
        await _service.AddAsync(await _service.BankAsync("practice"), new SignalValue(exact.Hash), exact.Quality);
        var decoded = Decoder.Decoded;

        var answer = await ScanAsync(_client, file);

        Assert.Equal(0, Assert.Single(answer.Matches()).GetProperty("distance").GetInt32());
        Assert.Equal(decoded + 1, Decoder.Decoded);
    }

    [Fact]
    public async Task An_estimate_within_a_bank_s_distance_of_a_signal_is_no_match_where_the_exact_one_is_not()
    {
        var (file, exact) = await MisestimatedAsync();
        var signal = new PdqHash(~exact.Hash.Word0, exact.Hash.Word1, exact.Hash.Word2, exact.Hash.Word3);
        var bank = await _service.BankAsync("practice", settings: new BankSettings { MaxDistanceBits = 63 });
        await _service.AddAsync(bank, new SignalValue(signal), 100);
        var decoded = Decoder.Decoded;

        var answer = await ScanAsync(_client, file);

        Assert.Equal("allow", answer.Verdict());
        Assert.Equal(decoded + 1, Decoder.Decoded);
    }

    [Fact]
    public async Task An_upload_that_is_kept_for_its_digest_is_described_by_an_exact_decode()
    {
        var file = await _service.EncodeAsync(Drawing.Of(5, Width, Height));
        await _service.AddAsync(await _service.BankAsync("practice"), new SignalValue(DigestCalculator.Compute(file).Sha256));

        var answer = await ScanAsync(_client, file);

        Assert.Equal("block", answer.Verdict());
        Assert.Equal((1, 1), (Decoder.Estimated, Decoder.Decoded));
    }

    [Fact]
    public async Task Pictures_with_little_in_them_are_decoded_exactly()
    {
        await _service.BankAsync("practice");

        var answer = await ScanAsync(_client, await _service.EncodeAsync(Drawing.Flat(Width, Height)));

        Assert.Equal(["low-quality"], answer.Reasons());
        Assert.Equal(1, Decoder.Decoded);
    }

    [Fact]
    public async Task Services_that_ask_for_both_profiles_do_without_it()
    {
        await ScanAsync(_client, await _service.EncodeAsync(Drawing.Of(6, Width, Height)), "image-generator");

        Assert.Equal((0, 1), (Decoder.Estimated, Decoder.Decoded));
    }

    private static async Task<JsonElement> ScanAsync(HttpClient client, byte[] file, string service = "avatars")
    {
        using var form = RunningService.Form(file, service);
        return await client.PostAsync("/v1/scan", form).JsonAsync();
    }

    private static PdqHash Far => new(0x5555_5555_5555_5555, 0xAAAA_AAAA_AAAA_AAAA, 0x3333_3333_3333_3333, 0xCCCC_CCCC_CCCC_CCCC);

    /// <summary>A picture with so much in it that its estimate may decide.</summary>
    private async Task<Drawing> DetailedAsync(int seed)
    {
        for (; ; seed++)
        {
            var drawing = Drawing.Of(seed, Width, Height);
            var file = await _service.EncodeAsync(drawing, quality: 30);
            if (await Decoder.PrescreenAsync(file, CancellationToken.None) is PrescreenOutcome.Estimated { Estimate.Quality: >= 75 })
            {
                return drawing;
            }
        }
    }

    /// <summary>A picture whose estimate differs from its fingerprint, or these tests would show nothing.</summary>
    private async Task<(byte[] File, PdqFingerprint Exact)> MisestimatedAsync()
    {
        for (var seed = 10; ; seed++)
        {
            var file = await _service.EncodeAsync(Drawing.Of(seed, Width, Height));
            var exact = (await _service.FingerprintAsync(file)).Full;
            if (await Decoder.PrescreenAsync(file, CancellationToken.None) is PrescreenOutcome.Estimated { Estimate: var estimate } &&
                estimate.DistanceTo(exact).DistanceBits > 0)
            {
                return (file, exact);
            }
        }
    }

    /// <summary>All of an answer but what differs from scan to scan and from installation to installation.</summary>
    private static string Found(JsonElement answer) => string.Join(
        '\n',
        answer.Verdict(),
        string.Join(' ', answer.Reasons()),
        string.Join(' ', answer.Matches().Select(match => $"{match.Word("bank")} {match.GetProperty("distance")} {match.Word("orientation")}")));
}
