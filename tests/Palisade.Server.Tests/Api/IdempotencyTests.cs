using Palisade.Banks;
using Palisade.Keys;
using Palisade.Signals.Digests;

namespace Palisade.Server.Tests.Api;

public sealed class IdempotencyTests : IAsyncLifetime
{
    private RunningService _service = null!;
    private HttpClient _client = null!;
    private byte[] _known = null!;
    private byte[] _ordinary = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.StartAsync();
        _client = await _service.ClientAsync(ApiScopes.Scan, ApiScopes.MatchDetail, ApiScopes.VerdictsRead);
        _known = await _service.EncodeAsync(Drawing.Of(1));
        _ordinary = await _service.EncodeAsync(Drawing.Of(2));
        await _service.AddAsync(await _service.BankAsync("practice"), new SignalValue(DigestCalculator.Compute(_known).Sha256));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_same_request_under_the_same_key_gets_the_same_answer(bool isKnown)
    {
        var file = isKnown ? _known : _ordinary;

        var first = await (await SendAsync(file, "key-1")).Content.ReadAsStringAsync();
        var second = await (await SendAsync(file, "key-1")).Content.ReadAsStringAsync();

        Assert.Equal(first, second);
        Assert.Equal(isKnown ? 1 : 0, await FeedLengthAsync());
    }

    [Theory]
    [InlineData("file")]
    [InlineData("service")]
    [InlineData("contentId")]
    [InlineData("uploaderToken")]
    public async Task Another_request_under_the_same_key_is_refused(string difference)
    {
        await SendAsync(_known, "key-2");

        var problem = await SendAsync(
            difference == "file" ? _ordinary : _known,
            "key-2",
            service: difference == "service" ? "chat-images" : "avatars",
            contentId: difference == "contentId" ? "other" : "content",
            uploaderToken: difference == "uploaderToken" ? "other" : null).ProblemAsync();

        Assert.Equal("idempotency-key-reused", problem.Word);
        Assert.Equal(422, problem.Status);
    }

    [Fact]
    public async Task A_key_means_something_else_with_another_caller()
    {
        await SendAsync(_known, "key-3");
        _client = await _service.ClientAsync(ApiScopes.Scan, ApiScopes.MatchDetail, ApiScopes.VerdictsRead);

        Assert.Equal("allow", (await SendAsync(_ordinary, "key-3").JsonAsync()).Verdict());
    }

    [Fact]
    public async Task Copies_that_are_sent_at_once_are_one_scan()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => SendAsync(_known, "key-4").JsonAsync()));

        Assert.Single(answers.Select(answer => answer.Word("id")).Distinct(StringComparer.Ordinal));
        Assert.Equal(1, await FeedLengthAsync());
    }

    [Fact]
    public async Task A_request_that_was_refused_may_be_corrected_under_its_key()
    {
        Assert.Equal("service-unknown", (await SendAsync(_known, "key-5", service: "billboards").ProblemAsync()).Word);

        Assert.Equal("block", (await SendAsync(_known, "key-5").JsonAsync()).Verdict());
    }

    private Task<HttpResponseMessage> SendAsync(
        byte[] file, string key, string service = "avatars", string contentId = "content", string? uploaderToken = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/scan")
        {
            Content = RunningService.Form(file, service, contentId, uploaderToken),
        };
        request.Headers.Add("Idempotency-Key", key);
        return _client.SendAsync(request);
    }

    private async Task<int> FeedLengthAsync() =>
        (await _client.GetAsync("/v1/verdicts?after=0").JsonAsync()).GetProperty("changes").GetArrayLength();
}
