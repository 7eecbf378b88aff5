using Palisade.Banks;
using Palisade.Keys;
using Palisade.Signals.Digests;

namespace Palisade.Server.Tests.Api;

public sealed class VerdictFeedTests
{
    [Fact]
    public async Task The_feed_is_ordered_gapless_and_outlives_the_service()
    {
        var first = await RunningService.StartAsync();
        var file = await first.EncodeAsync(Drawing.Of(1));
        await first.AddAsync(await first.BankAsync("practice"), new SignalValue(DigestCalculator.Compute(file).Sha256));
        using var client = await first.ClientAsync(ApiScopes.Scan, ApiScopes.VerdictsRead);
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
            (await client.PostAsync("/v1/scan", RunningService.Form(file, contentId: $"photo {number}")).JsonAsync()).Word("id")));
        var before = await client.GetStringAsync("/v1/verdicts?after=0");
        await first.StopAsync();

        await using var second = await RunningService.StartAsync(folder: first.Folder);
        using var later = await second.ClientAsync(ApiScopes.VerdictsRead);
        var after = await later.GetStringAsync("/v1/verdicts?after=0");
        var changes = (await later.GetAsync("/v1/verdicts?after=0").JsonAsync()).GetProperty("changes").EnumerateArray().ToList();
        var page = (await later.GetAsync("/v1/verdicts?after=5&limit=3").JsonAsync()).GetProperty("changes").EnumerateArray().ToList();

        Assert.Equal(before, after);
        Assert.Equal(Enumerable.Range(1, 20).Select(number => (long)number), changes.Select(change => change.GetProperty("sequence").GetInt64()));
        Assert.Equal(ids.Order(StringComparer.Ordinal), changes.Select(change => change.Word("scan")).Order(StringComparer.Ordinal));
        Assert.Equal([6L, 7L, 8L], page.Select(change => change.GetProperty("sequence").GetInt64()));
        Assert.All(changes, change => Assert.Equal("block", change.Verdict()));
        Assert.Equal(20, changes.Select(change => change.Word("contentId")).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_waiting_reader_is_answered_by_the_next_verdict()
    {
        await using var service = await RunningService.StartAsync();
        using var client = await service.ClientAsync(ApiScopes.Scan, ApiScopes.VerdictsRead);

        var waiting = client.GetAsync("/v1/verdicts?after=0&wait=30").JsonAsync();
        var answer = await client.PostAsync("/v1/scan", RunningService.Form([])).JsonAsync();

        var change = Assert.Single((await waiting).GetProperty("changes").EnumerateArray());
        Assert.Equal(answer.Word("id"), change.Word("scan"));
    }

    [Fact]
    public async Task A_waiting_reader_does_not_keep_the_service_from_stopping()
    {
        await using var service = await RunningService.StartAsync();
        using var client = await service.ClientAsync(ApiScopes.VerdictsRead);

        var waiting = client.GetAsync("/v1/verdicts?after=0&wait=30").JsonAsync();
        await client.GetStringAsync("/healthz");
        service.App.Lifetime.StopApplication();

        Assert.Empty((await waiting).GetProperty("changes").EnumerateArray());
    }

    [Fact]
    public async Task What_is_allowed_is_not_in_the_feed()
    {
        await using var service = await RunningService.StartAsync();
        using var client = await service.ClientAsync(ApiScopes.Scan, ApiScopes.VerdictsRead);
        await client.PostAsync("/v1/scan", RunningService.Form(await service.EncodeAsync(Drawing.Of(1)))).JsonAsync();

        Assert.Empty((await client.GetAsync("/v1/verdicts").JsonAsync()).GetProperty("changes").EnumerateArray());
    }
}
