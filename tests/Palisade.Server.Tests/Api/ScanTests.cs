using Palisade.Audit;
using Palisade.Banks;
using Palisade.Keys;
using Palisade.Signals.Digests;

namespace Palisade.Server.Tests.Api;

public sealed class ScanTests : IAsyncLifetime
{
    private RunningService _service = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.StartAsync();
        _client = await _service.ClientAsync(ApiScopes.Scan, ApiScopes.MatchDetail, ApiScopes.ScansRead);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task An_ordinary_picture_is_allowed_and_nothing_is_kept_of_it()
    {
        var answer = await ScanAsync(await _service.EncodeAsync(Drawing.Of(1)));

        Assert.Equal("allow", answer.Verdict());
        Assert.Empty(answer.Reasons());
        Assert.Empty(answer.Matches());
        Assert.Equal("scan-not-kept", (await _client.GetAsync($"/v1/scans/{answer.Word("id")}").ProblemAsync()).Word);
    }

    [Fact]
    public async Task The_same_picture_saved_anew_is_held_with_bank_signal_distance_and_orientation()
    {
        var bank = await _service.BankAsync("practice");
        var print = await _service.FingerprintAsync(await _service.EncodeAsync(Drawing.Of(2)));
        var signal = await _service.AddAsync(bank, new SignalValue(print.Full.Hash), print.Full.Quality);

        var answer = await ScanAsync(await _service.EncodeAsync(Drawing.Of(2), quality: 60));

        Assert.Equal("hold", answer.Verdict());
        Assert.Equal(["match-near"], answer.Reasons());
        var match = Assert.Single(answer.Matches());
        Assert.Equal("practice", match.Word("bank"));
        Assert.Equal(signal.Id.ToString(), match.Word("signal"));
        Assert.InRange(match.GetProperty("distance").GetInt32(), 0, 31);
        Assert.Equal("original", match.Word("orientation"));
        Assert.Equal(_service.Installation.Index.Current.Number, answer.GetProperty("indexGeneration").GetInt64());
    }

    [Fact]
    public async Task A_held_scan_can_be_read_again_with_its_facts()
    {
        var file = await _service.EncodeAsync(Drawing.Of(3));
        await _service.AddAsync(await _service.BankAsync("practice"), new SignalValue(DigestCalculator.Compute(file).Sha256));

        var answer = await ScanAsync(file, contentId: "photo 17");
        var record = await _client.GetAsync($"/v1/scans/{answer.Word("id")}").JsonAsync();

        Assert.Equal("block", answer.Verdict());
        Assert.Equal(["match-exact"], answer.Reasons());
        Assert.Equal("block", record.Verdict());
        Assert.Equal("photo 17", record.Word("contentId"));
        Assert.Equal("avatars", record.Word("service"));
        Assert.Single(record.Matches());
    }

    [Theory]
    [InlineData("avatars", "allow")]
    [InlineData("chat-images", "hold")]
    public async Task A_turned_picture_is_found_where_the_policy_asks_for_all_orientations(string service, string verdict)
    {
        var print = await _service.FingerprintAsync(await _service.EncodeAsync(Drawing.Of(4).Turned(), "png"));
        await _service.AddAsync(await _service.BankAsync("practice"), new SignalValue(print.Full.Hash));

        var answer = await ScanAsync(await _service.EncodeAsync(Drawing.Of(4), "png"), service);

        Assert.Equal(verdict, answer.Verdict());
        Assert.All(answer.Matches(), match => Assert.Equal("rotate90", match.Word("orientation")));
    }

    [Fact]
    public async Task A_signal_on_probation_is_recorded_and_never_acts()
    {
        var file = await _service.EncodeAsync(Drawing.Of(5));
        var signal = await _service.AddAsync(
            await _service.BankAsync("practice"), new SignalValue(DigestCalculator.Compute(file).Sha256));
        await _service.SetStateAsync(signal, SignalState.Probation);
        var withoutDetail = await _service.ClientAsync(ApiScopes.ScansRead);

        var answer = await ScanAsync(file);
        var record = await _client.GetAsync($"/v1/scans/{answer.Word("id")}").JsonAsync();

        Assert.Equal("allow", answer.Verdict());
        Assert.Empty(answer.Reasons());
        Assert.Empty(answer.Matches());
        Assert.Single(record.GetProperty("shadowMatches").EnumerateArray());
        Assert.Equal(
            "scan-not-kept", (await withoutDetail.GetAsync($"/v1/scans/{answer.Word("id")}").ProblemAsync()).Word);
    }

    [Fact]
    public async Task A_disabled_signal_matches_nothing()
    {
        var file = await _service.EncodeAsync(Drawing.Of(6));
        var signal = await _service.AddAsync(
            await _service.BankAsync("practice"), new SignalValue(DigestCalculator.Compute(file).Sha256));
        await _service.SetStateAsync(signal, SignalState.Disabled, TimeProvider.System.GetUtcNow().AddDays(1));

        Assert.Equal("allow", (await ScanAsync(file)).Verdict());
    }

    [Fact]
    public async Task A_picture_with_nothing_in_it_is_matched_by_its_digests_alone()
    {
        var flat = await _service.EncodeAsync(Drawing.Flat(), "png");
        var bank = await _service.BankAsync("practice");

        var before = await ScanAsync(flat);
        await _service.AddAsync(bank, new SignalValue(DigestCalculator.Compute(flat).Sha256));
        var after = await ScanAsync(flat);

        Assert.Equal("allow", before.Verdict());
        Assert.Equal(["low-quality"], before.Reasons());
        Assert.Equal("block", after.Verdict());
        Assert.Equal(["match-exact", "low-quality"], after.Reasons());
    }

    [Fact]
    public async Task A_false_alarm_on_the_never_match_list_is_allowed_unless_its_bytes_are_known()
    {
        var file = await _service.EncodeAsync(Drawing.Of(7));
        var print = await _service.FingerprintAsync(file);
        var bank = await _service.BankAsync("practice");
        await _service.AddAsync(bank, new SignalValue(print.Full.Hash));
        var falseAlarms = await _service.BankAsync("false-alarms", BankPurpose.NeverMatch);
        await _service.AddAsync(falseAlarms, new SignalValue(print.Full.Hash));

        var overruled = await ScanAsync(file);
        await _service.AddAsync(bank, new SignalValue(DigestCalculator.Compute(file).Sha256));
        var known = await ScanAsync(file);

        Assert.Equal("allow", overruled.Verdict());
        Assert.Equal(["never-match"], overruled.Reasons());
        Assert.Equal("block", known.Verdict());
    }

    [Theory]
    [InlineData("png")]
    [InlineData("webp")]
    [InlineData("gif")]
    [InlineData("tiff")]
    public async Task Every_form_of_the_same_picture_is_found(string format)
    {
        var print = await _service.FingerprintAsync(await _service.EncodeAsync(Drawing.Of(8)));
        await _service.AddAsync(await _service.BankAsync("practice"), new SignalValue(print.Full.Hash));

        Assert.Equal("hold", (await ScanAsync(await _service.EncodeAsync(Drawing.Of(8), format))).Verdict());
    }

    [Fact]
    public async Task A_new_signal_is_matched_without_anybody_asking_for_it()
    {
        // No call settles the index here: the running service follows its banks by itself.
        var file = await _service.EncodeAsync(Drawing.Of(9));
        var bank = await _service.BankAsync("practice");
        var added = await _service.Installation.Banks.AddSignalAsync(
            bank.Id, new NewSignal(new SignalValue(DigestCalculator.Compute(file).Sha256)), Actor.Palisade, CancellationToken.None);
        Assert.False(added.IsRefused);
        var last = (await _service.Installation.Banks.ChangesAfterAsync(0, 1000, CancellationToken.None))[^1].Sequence;

        long generation;
        string verdict;
        do
        {
            var answer = await ScanAsync(file);
            generation = answer.GetProperty("indexGeneration").GetInt64();
            verdict = answer.Verdict();
        }
        while (generation < last);

        Assert.Equal("block", verdict);
    }

    private Task<System.Text.Json.JsonElement> ScanAsync(byte[] file, string service = "avatars", string? contentId = null) =>
        _client.PostAsync("/v1/scan", RunningService.Form(file, service, contentId)).JsonAsync();
}
