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
}
