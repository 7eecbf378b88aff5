using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Palisade.Banks;
using Palisade.Keys;
using Palisade.Server.Api;
using Palisade.Signals.Digests;

namespace Palisade.Server.Tests.Api;

/// <summary>What everybody who reaches the port can see, and what the log shows.</summary>
public sealed class SurfaceTests : IAsyncLifetime
{
    private RunningService _service = null!;

    public async ValueTask InitializeAsync() => _service = await RunningService.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task The_service_is_alive_and_ready()
    {
        using var client = _service.ClientOf(null);

        Assert.Equal("alive\n", await client.GetStringAsync("/healthz"));
        Assert.Equal("ready\n", await client.GetStringAsync("/readyz"));
    }

    [Fact]
    public async Task Every_call_has_its_own_request_id()
    {
        using var client = _service.ClientOf(null);
        using var one = await client.GetAsync("/healthz");
        using var other = await client.GetAsync("/v1/banks");

        Assert.NotEqual(one.Headers.GetValues("X-Request-Id").Single(), other.Headers.GetValues("X-Request-Id").Single());
    }

    [Fact]
    public async Task The_api_describes_itself_with_the_scope_of_each_call()
    {
        using var client = _service.ClientOf(null);

        var document = await client.GetAsync("/openapi/v1.json").JsonAsync();

        var scan = document.GetProperty("paths").GetProperty("/v1/scan").GetProperty("post");
        Assert.Contains("Scope `scan`", scan.Word("description"), StringComparison.Ordinal);
        Assert.True(scan.GetProperty("requestBody").GetProperty("content").TryGetProperty("multipart/form-data", out _));
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            Assert.StartsWith("/v1/", path.Name, StringComparison.Ordinal);
            Assert.All(path.Value.EnumerateObject(), call => Assert.Contains("Scope `", call.Value.Word("description"), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_page_that_shows_the_description_asks_nobody_outside()
    {
        using var client = _service.ClientOf(null);
        using var response = await client.GetAsync("/docs/");
        var page = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(Regex.Matches(page, "(src|href)\\s*=\\s*[\"']?(https?:)?//", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)));
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        foreach (Match script in Regex.Matches(page, "src=\"(?<address>[^\"]+)\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)))
        {
            using var part = await client.GetAsync(new Uri(new Uri(_service.Address, "/docs/"), script.Groups["address"].Value));
            Assert.Equal(HttpStatusCode.OK, part.StatusCode);
        }
    }

    [Fact]
    public async Task Metrics_count_by_service_and_verdict_and_name_no_bank()
    {
        var file = await _service.EncodeAsync(Drawing.Of(1));
        await _service.AddAsync(await _service.BankAsync("canary-bank"), new SignalValue(DigestCalculator.Compute(file).Sha256));
        using var client = await _service.ClientAsync(ApiScopes.Scan);
        await client.PostAsync("/v1/scan", RunningService.Form(file)).JsonAsync();

        var text = await client.GetStringAsync("/metrics");

        Assert.Contains("palisade_verdicts_total{service=\"avatars\",verdict=\"block\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("palisade_decoder_files_total{outcome=\"decoded\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("palisade_index_signals 1", text, StringComparison.Ordinal);
        Assert.Contains("palisade_ready 1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_for_metrics_shows_metrics_and_nothing_else()
    {
        await using var service = await RunningService.StartAsync(options => options with
        {
            Listen = options.Listen with { MetricsUrl = "http://127.0.0.1:0" },
        });
        using var main = await service.ClientAsync();
        using var metrics = new HttpClient { BaseAddress = new Uri(service.App.Urls.Last()) };

        Assert.Contains("palisade_ready", await metrics.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal("no-such-route", (await metrics.GetAsync("/healthz").ProblemAsync()).Word);
        Assert.Equal("no-such-route", (await main.GetAsync("/metrics").ProblemAsync()).Word);
    }

    [Fact]
    public void Problems_have_one_name_each_and_say_what_to_do()
    {
        Assert.Equal(Problem.All.Count, Problem.All.Select(problem => problem.Word).Distinct(StringComparer.Ordinal).Count());
        Assert.All(Problem.All, problem => Assert.Contains($"urn:palisade:problem:{problem.Word}", Encoding.UTF8.GetString(problem.Body.Span), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_secret_reaches_the_log_at_its_most_verbose()
    {
        // T17.1 in small: a canary in every input, every form of it looked for in every line.
        const string Canary = "canary-8f31c0";
        var file = await _service.EncodeAsync(Drawing.Of(3));
        var digests = DigestCalculator.Compute(file);
        var print = await _service.FingerprintAsync(file);
        var bank = await _service.BankAsync("ours");
        await _service.AddAsync(bank, new SignalValue(print.Full.Hash));
        await _service.AddAsync(bank, new SignalValue(digests.Sha256));
        var secret = await _service.KeyAsync([.. ApiScopes.All]);
        using var client = _service.ClientOf(secret);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/scan")
        {
            Content = RunningService.Form(file, contentId: Canary + "-content", uploaderToken: Canary + "-uploader"),
        };
        request.Headers.Add("Idempotency-Key", Canary + "-key");
        var answer = await client.SendAsync(request).JsonAsync();
        await client.GetAsync($"/v1/scans/{answer.Word("id")}").JsonAsync();
        await client.GetAsync("/v1/verdicts").JsonAsync();
        await client.PostAsync("/v1/scan", RunningService.Form(file, service: Canary + "-service")).ProblemAsync();
        using var item = new StringContent(
            $$"""{"service":"avatars","items":[{"pdq":"{{print.Full.Hash}}","md5":"{{digests.Md5}}","contentId":"{{Canary}}"}]}""",
            Encoding.UTF8, "application/json");
        await client.PostAsync("/v1/lookup", item).JsonAsync();
        using var stranger = _service.ClientOf(Canary + "-wrong-key");
        await stranger.GetAsync("/v1/banks").ProblemAsync();

        var log = _service.Lines.Text;
        Assert.Equal("block", answer.Verdict());
        Assert.True(log.Length > 1000);
        foreach (var canary in new[]
                 {
                     Canary, Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary)), secret, secret[^20..],
                     digests.Md5.ToString(), digests.Sha1.ToString(), digests.Sha256.ToString(), print.Full.Hash.ToString(),
                     Convert.ToBase64String(digests.Sha256.ToBytes()), Convert.ToBase64String(print.Full.Hash.ToBytes()),
                 })
        {
            Assert.DoesNotContain(canary, log, StringComparison.OrdinalIgnoreCase);
        }
    }
}
