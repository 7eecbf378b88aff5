using System.Text.RegularExpressions;
using Palisade.Banks;
using Palisade.Keys;
using Palisade.Signals.Digests;

namespace Palisade.Server.Tests.Api;

/// <summary>T1.1 and T1.3 in small, seen by a key without <c>match.detail</c>: only the verdict's word may differ.</summary>
public sealed class OracleTests : IAsyncLifetime
{
    private RunningService _service = null!;
    private HttpClient _client = null!;
    private byte[] _known = null!;
    private byte[] _ordinary = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.StartAsync();
        _client = await _service.ClientAsync(ApiScopes.Scan, ApiScopes.ScansRead);
        _known = await _service.EncodeAsync(Drawing.Of(1));
        _ordinary = await _service.EncodeAsync(Drawing.Of(2));
        await _service.AddAsync(await _service.BankAsync("practice"), new SignalValue(DigestCalculator.Compute(_known).Sha256));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task Answers_to_known_and_ordinary_pictures_differ_in_the_verdict_alone()
    {
        for (var round = 0; round < 25; round++)
        {
            var known = await AnswerToAsync(RunningService.Form(_known));
            var ordinary = await AnswerToAsync(RunningService.Form(_ordinary));

            Assert.Contains("\"verdict\":\"block\"", known.Body, StringComparison.Ordinal);
            Assert.Contains("\"verdict\":\"allow\"", ordinary.Body, StringComparison.Ordinal);
            Assert.Equal(
                Masked(known.Body).Replace("block", "allow", StringComparison.Ordinal),
                Masked(ordinary.Body));
            Assert.Equal(known.Status, ordinary.Status);
            Assert.Equal(known.Headers, ordinary.Headers);
            Assert.Equal(known.Body.Length, ordinary.Body.Length);
        }
    }

    [Fact]
    public async Task Look_ups_of_known_and_ordinary_hashes_differ_in_the_verdict_alone()
    {
        var known = await LookUpAsync(_known);
        var ordinary = await LookUpAsync(_ordinary);

        Assert.Equal(Masked(known).Replace("block", "allow", StringComparison.Ordinal), Masked(ordinary));
    }

    [Theory]
    [InlineData("no key")]
    [InlineData("no service")]
    [InlineData("unknown service")]
    [InlineData("bad time")]
    [InlineData("unknown field")]
    [InlineData("bad idempotency key")]
    public async Task Every_refusal_is_the_same_for_known_and_ordinary_pictures(string mistake)
    {
        var known = await RefusalAsync(mistake, _known);
        var ordinary = await RefusalAsync(mistake, _ordinary);

        Assert.Equal(known, ordinary);
        Assert.NotEqual(200, known.Status);
    }

    private async Task<(int Status, string Headers, string Body)> RefusalAsync(string mistake, byte[] file)
    {
        var form = mistake == "no service"
            ? new MultipartFormDataContent { { new ByteArrayContent(file), "file", "upload" } }
            : RunningService.Form(
                file, mistake == "unknown service" ? "billboards" : "avatars", time: mistake == "bad time" ? "never" : null);
        if (mistake == "unknown field")
        {
            form.Add(new StringContent("x"), "colour");
        }

        using var anonymous = _service.ClientOf(null);
        return await AnswerToAsync(
            form, mistake == "no key" ? anonymous : _client, mistake == "bad idempotency key" ? "a b" : null);
    }

    private async Task<(int Status, string Headers, string Body)> AnswerToAsync(
        HttpContent form, HttpClient? client = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/scan") { Content = form };
        if (idempotencyKey is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        }

        using var response = await (client ?? _client).SendAsync(request);
        var headers = response.Headers.Concat(response.Content.Headers)
            .Where(header => !header.Key.Equals("X-Request-Id", StringComparison.OrdinalIgnoreCase) && header.Key != "Date")
            .Select(header => $"{header.Key}: {string.Join(',', header.Value)}")
            .Order(StringComparer.Ordinal);
        return ((int)response.StatusCode, string.Join('\n', headers), await response.Content.ReadAsStringAsync());
    }

    private async Task<string> LookUpAsync(byte[] file)
    {
        var json = $$"""{"service":"avatars","items":[{"sha256":"{{DigestCalculator.Compute(file).Sha256}}"}]}""";
        using var response = await _client.PostAsync(
            "/v1/lookup", new StringContent(json, System.Text.Encoding.UTF8, "application/json"));
        return await response.Content.ReadAsStringAsync();
    }

    private static string Masked(string body) => Regex.Replace(body, "scn_[0-9a-f]{32}", "scn", RegexOptions.None, TimeSpan.FromSeconds(1));
}
