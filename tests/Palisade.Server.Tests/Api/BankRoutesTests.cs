using System.Net;
using System.Net.Http.Json;
using Palisade.Keys;

namespace Palisade.Server.Tests.Api;

public sealed class BankRoutesTests : IAsyncLifetime
{
    private RunningService _service = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.StartAsync();
        _client = await _service.ClientAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task A_bank_is_created_changed_and_listed_and_not_removed_by_one_caller()
    {
        var created = await CreateAsync("ours").JsonAsync(HttpStatusCode.Created);
        var changed = await _client.PatchAsJsonAsync("/v1/banks/ours", new { maxDistanceBits = 20, allowedAction = "block" }).JsonAsync();
        var listed = await _client.GetAsync("/v1/banks").JsonAsync();
        var refused = await _client.DeleteAsync("/v1/banks/ours").ProblemAsync();

        Assert.Equal("practice", created.Word("purpose"));
        Assert.Equal("hold", created.Word("allowedAction"));
        Assert.Equal(20, changed.GetProperty("maxDistanceBits").GetInt32());
        Assert.Equal("block", changed.Word("allowedAction"));
        Assert.Equal("ours", Assert.Single(listed.GetProperty("banks").EnumerateArray()).Word("name"));
        Assert.Equal("second-person-needed", refused.Word);
        Assert.Equal("bank-unknown", (await _client.GetAsync("/v1/banks/theirs").ProblemAsync()).Word);
    }

    [Fact]
    public async Task A_picture_added_by_file_is_matched_and_its_hash_is_not_shown()
    {
        await CreateAsync("ours").JsonAsync(HttpStatusCode.Created);
        var file = await _service.EncodeAsync(Drawing.Of(1));
        var print = await _service.FingerprintAsync(file);

        var added = await _client.PostAsync("/v1/banks/ours/signals", FileForm(file)).JsonAsync(HttpStatusCode.Created);
        await _service.Installation.Index.SettleAsync(CancellationToken.None);
        var answer = await _client.PostAsync("/v1/scan", RunningService.Form(file)).JsonAsync();
        var listed = await _client.GetStringAsync("/v1/banks/ours/signals");

        Assert.Equal(["pdq", "sha256"], added.GetProperty("signals").EnumerateArray().Select(signal => signal.Word("type")));
        Assert.Equal(2, answer.Matches().Count);
        Assert.DoesNotContain(print.Full.Hash.ToString(), listed, StringComparison.Ordinal);
        Assert.Equal("signal-there", (await _client.PostAsync("/v1/banks/ours/signals", FileForm(file)).ProblemAsync()).Word);
    }

    [Fact]
    public async Task A_signal_added_by_hash_can_be_disabled_and_withdrawn()
    {
        await CreateAsync("ours").JsonAsync(HttpStatusCode.Created);
        var added = await _client.PostAsJsonAsync("/v1/banks/ours/signals", new { type = "md5", value = "00112233445566778899aabbccddeeff" })
            .JsonAsync(HttpStatusCode.Created);
        var address = $"/v1/banks/ours/signals/{added.GetProperty("signals")[0].Word("id")}";
        var last = await _client.DeleteAsync(address).ProblemAsync();
        await _client.PostAsJsonAsync("/v1/banks/ours/signals", new { type = "md5", value = "ffeeddccbbaa99887766554433221100" })
            .JsonAsync(HttpStatusCode.Created);

        var past = await _client.PatchAsJsonAsync(address, new { state = "disabled", disabledUntil = "2001-01-01T00:00:00Z" }).ProblemAsync();
        var disabled = await _client.PatchAsJsonAsync(address, new { state = "disabled", disabledUntil = "2101-01-01T00:00:00Z" }).JsonAsync();
        var withdrawn = await _client.DeleteAsync(address).JsonAsync();
        var changes = await _client.GetAsync("/v1/banks/changes?after=0").JsonAsync();

        Assert.Equal("second-person-needed", last.Word);
        Assert.Equal("signal-state-not-valid", past.Word);
        Assert.Equal("disabled", disabled.Word("state"));
        Assert.Equal("withdrawn", withdrawn.Word("state"));
        Assert.Equal(
            ["bank.created", "signal.added", "signal.added", "signal.disabled", "signal.withdrawn"],
            changes.GetProperty("changes").EnumerateArray().Select(change => change.Word("kind")));
        Assert.All(changes.GetProperty("changes").EnumerateArray(), change => Assert.StartsWith("key:", change.Word("by"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_signal_is_not_reached_through_another_bank()
    {
        await CreateAsync("ours").JsonAsync(HttpStatusCode.Created);
        await CreateAsync("theirs").JsonAsync(HttpStatusCode.Created);
        var added = await _client.PostAsJsonAsync("/v1/banks/ours/signals", new { type = "md5", value = "00112233445566778899aabbccddeeff" })
            .JsonAsync(HttpStatusCode.Created);

        var problem = await _client.DeleteAsync($"/v1/banks/theirs/signals/{added.GetProperty("signals")[0].Word("id")}").ProblemAsync();

        Assert.Equal("signal-unknown", problem.Word);
    }

    [Theory]
    [InlineData("""{"type":"md5","value":"12"}""", "signal-not-valid")]
    [InlineData("""{"type":"weather","value":"12"}""", "json-not-valid")]
    [InlineData("""{"value":"12"}""", "signal-not-valid")]
    [InlineData("""{"type":"md5","value":"d41d8cd98f00b204e9800998ecf8427e"}""", "signal-not-useful")]
    [InlineData("""{"type":"pdq","value":"0000000000000000000000000000000000000000000000000000000000000001"}""", "signal-not-useful")]
    [InlineData("""{"url":"https://example.org/picture.jpg"}""", "url-fetch-off")]
    public async Task A_signal_that_is_no_use_is_refused(string json, string problem)
    {
        await CreateAsync("ours").JsonAsync(HttpStatusCode.Created);
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");

        Assert.Equal(problem, (await _client.PostAsync("/v1/banks/ours/signals", content).ProblemAsync()).Word);
    }

    [Fact]
    public async Task A_picture_with_nothing_in_it_makes_no_signal()
    {
        await CreateAsync("ours").JsonAsync(HttpStatusCode.Created);

        var problem = await _client.PostAsync(
            "/v1/banks/ours/signals", FileForm(await _service.EncodeAsync(Drawing.Flat(), "png"))).ProblemAsync();

        Assert.Equal("picture-not-fingerprinted", problem.Word);
    }

    [Fact]
    public async Task Two_banks_of_one_name_or_without_one_are_refused()
    {
        await CreateAsync("ours").JsonAsync(HttpStatusCode.Created);

        Assert.Equal("bank-name-taken", (await CreateAsync("ours").ProblemAsync()).Word);
        Assert.Equal("bank-not-valid", (await CreateAsync("Ours!").ProblemAsync()).Word);
        Assert.Equal("bank-not-valid", (await CreateAsync("changes").ProblemAsync()).Word);
    }

    [Fact]
    public async Task A_bank_that_the_policy_names_is_not_removed_or_renamed()
    {
        await using var first = await RunningService.StartAsync();
        await first.BankAsync("ours");
        await File.WriteAllTextAsync(
            Path.Combine(first.Folder, "policy.json"),
            Palisade.Policy.DefaultPolicy.Text.Replace("\"avatars\": {}", "\"avatars\": { \"banks\": [\"ours\"] }", StringComparison.Ordinal));
        await using var second = await RunningService.StartAsync(options => options with { Data = first.Folder });
        using var client = await second.ClientAsync();

        Assert.Equal("bank-in-use", (await client.DeleteAsync("/v1/banks/ours").ProblemAsync()).Word);
        Assert.Equal("bank-in-use", (await client.PatchAsJsonAsync("/v1/banks/ours", new { name = "theirs" }).ProblemAsync()).Word);
    }

    [Fact]
    public async Task A_key_is_created_once_used_and_revoked()
    {
        var created = await _client.PostAsJsonAsync("/v1/keys", new { name = "uploads", scopes = new[] { "banks.read" } })
            .JsonAsync(HttpStatusCode.Created);
        var secret = created.Word("secret");
        using var client = _service.ClientOf(secret);
        await client.GetAsync("/v1/banks").JsonAsync();

        using var revoked = await _client.DeleteAsync($"/v1/keys/{created.GetProperty("key").Word("id")}");
        var listed = await _client.GetStringAsync("/v1/keys");

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal("key-not-valid", (await client.GetAsync("/v1/banks").ProblemAsync()).Word);
        Assert.DoesNotContain(secret[^20..], listed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_hands_on_no_more_than_it_has()
    {
        using var weak = await _service.ClientAsync(ApiScopes.KeysWrite);

        var problem = await weak.PostAsJsonAsync("/v1/keys", new { name = "more", scopes = new[] { "scan" } }).ProblemAsync();

        Assert.Equal("scope-missing", problem.Word);
    }

    private Task<HttpResponseMessage> CreateAsync(string name) =>
        _client.PostAsJsonAsync("/v1/banks", new { name, owner = "tests", purpose = "practice" });

    private static MultipartFormDataContent FileForm(byte[] file) => new() { { new ByteArrayContent(file), "file", "picture" } };
}
