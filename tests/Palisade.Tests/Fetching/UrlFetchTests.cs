using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Palisade.Banks.Fetching;

namespace Palisade.Tests.Fetching;

public sealed class UrlFetchTests : IAsyncLifetime
{
    private PictureHost _host = null!;
    private TestNetwork _network = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await PictureHost.StartAsync();
        _network = new TestNetwork(_host);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>T8.1, the hostile half.</summary>
    [Fact]
    public async Task No_hostile_address_makes_this_machine_call_itself_or_its_network()
    {
        using var canary = new Canary();
        var fetch = FetchFrom(new() { AllowedHosts = Allowed, AllowedPorts = [443, canary.Port], MaxRedirects = 5 });
        var hostile = HostileAddresses.All(canary.Port, _network).Distinct(StringComparer.Ordinal).ToList();

        var outcomes = new List<FetchOutcome>();
        foreach (var address in hostile)
        {
            outcomes.Add(await fetch.FetchAsync(address, Stop));
        }

        Assert.True(hostile.Count >= 250, $"The corpus holds only {hostile.Count} addresses.");
        Assert.Equal(0, await canary.CountVisitorsAsync());
        Assert.All(_network.Connections, connection => Assert.Equal(TestNetwork.PublicHost, connection.Address));
        Assert.Empty(hostile.Where((_, i) => outcomes[i] is not FetchOutcome.Refused));
    }

    /// <summary>T8.1, the benign half.</summary>
    [Fact]
    public async Task Fifty_benign_addresses_are_fetched()
    {
        var fetch = FetchFrom(new() { AllowedHosts = Allowed, AllowedPorts = [443, 8443], MaxRedirects = 2 });
        string[] benign = // the certificate names one label below pictures.test
        [
            .. Enumerable.Range(0, 10).Select(i => $"https://pictures.test/{i}.jpg"),
            .. Enumerable.Range(0, 10).Select(i => $"https://host{i}.pictures.test/a/b/{i}.png?size=large&n={i}"),
            .. Enumerable.Range(0, 10).Select(i => $"https://ab{i}.pictures.test:8443/%E2%9C%93/{i}"),
            .. Enumerable.Range(0, 5).Select(i => $"HTTPS://CDN{i}.Pictures.Test/{i}#part"),
            .. Enumerable.Range(0, 5).Select(i => $"https://xn--bcher-kva.pictures.test?{i}"),
            .. Enumerable.Range(0, 5).Select(i => $"https://cdn.pictures.test/to?location=/moved/{i}.jpg"),
            .. Enumerable.Range(0, 5).Select(i => $"https://cdn.pictures.test/to?location=https://other.pictures.test/{i}.jpg"),
        ];

        foreach (var address in benign)
        {
            var outcome = await fetch.FetchAsync(address, Stop);

            var fetched = AssertFetched(outcome);
            Assert.Contains("pictures.test/", Encoding.UTF8.GetString(fetched.Bytes.Span), StringComparison.Ordinal);
        }

        Assert.Equal(50, benign.Length);
    }

    [Fact]
    public async Task Fetching_is_off_until_a_host_is_allowed()
    {
        var outcome = await FetchFrom(new()).FetchAsync("https://cdn.pictures.test/a.jpg", Stop);

        Assert.Equal(FetchRefusal.SwitchedOff, Assert.IsType<FetchOutcome.Refused>(outcome).Reason);
        Assert.Empty(_network.Lookups);
    }

    [Fact]
    public async Task A_name_is_looked_up_once_and_its_first_answer_is_the_one_connected_to()
    {
        _network.Answer("turning.pictures.test", [TestNetwork.PublicHost], [IPAddress.Loopback]);

        var outcome = await FetchFrom(new() { AllowedHosts = Allowed }).FetchAsync("https://turning.pictures.test/", Stop);

        AssertFetched(outcome);
        Assert.Single(_network.Lookups);
        Assert.Equal([new IPEndPoint(TestNetwork.PublicHost, 443)], _network.Connections);
    }

    [Theory]
    [InlineData("https://cdn.pictures.test/to?location=/a.jpg", FetchRefusal.Redirected)]
    [InlineData("https://cdn.pictures.test/endless", FetchRefusal.TooLarge)]
    [InlineData("https://cdn.pictures.test/compressed", FetchRefusal.UnexpectedAnswer)]
    [InlineData("https://other.test/", FetchRefusal.HostNotAllowed)]
    [InlineData("https://cdn.pictures.test:8443/", FetchRefusal.PortNotAllowed)]
    [InlineData("https://me@cdn.pictures.test/", FetchRefusal.UserInfo)]
    [InlineData("http://cdn.pictures.test/", FetchRefusal.NotHttps)]
    [InlineData("https://deeper.cdn.pictures.test/", FetchRefusal.NoConnection)] // the certificate is for one label
    public async Task What_is_not_fetched_says_why(string address, FetchRefusal why)
    {
        var outcome = await FetchFrom(new() { AllowedHosts = Allowed, MaxBytes = 100_000 }).FetchAsync(address, Stop);

        Assert.Equal(why, Assert.IsType<FetchOutcome.Refused>(outcome).Reason);
    }

    [Fact]
    public async Task A_host_that_says_nothing_is_given_up_on()
    {
        var clock = new FakeTimeProvider();
        var connected = new TaskCompletionSource();
        var network = _network.ToFetchNetwork();
        var fetch = new UrlFetch(new() { AllowedHosts = Allowed }, clock, network with
        {
            Connect = async (target, stop) =>
            {
                var stream = await network.Connect(target, stop);
                connected.SetResult();
                return stream;
            },
        });

        var fetching = fetch.FetchAsync("https://cdn.pictures.test/silent", Stop);
        await connected.Task;
        clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(FetchRefusal.TimedOut, Assert.IsType<FetchOutcome.Refused>(await fetching).Reason);
    }

    [Fact]
    public async Task Nothing_of_ours_is_sent_along()
    {
        var outcome = await FetchFrom(new() { AllowedHosts = Allowed }).FetchAsync("https://cdn.pictures.test/headers", Stop);

        var fetched = AssertFetched(outcome);
        Assert.Equal("Accept-Encoding\nHost", Encoding.UTF8.GetString(fetched.Bytes.Span));
    }

    [Fact]
    public async Task The_operators_proxy_is_asked_for_the_address_that_was_checked()
    {
        await using var proxy = new TestProxy(_host.Address);
        var network = _network.ToFetchNetwork() with
        {
            Connect = (target, stop) => FetchNetwork.ConnectThroughAsync(proxy.Address, target, stop),
        };

        var outcome = await new UrlFetch(new() { AllowedHosts = Allowed }, TimeProvider.System, network)
            .FetchAsync("https://cdn.pictures.test/a.jpg", Stop);

        AssertFetched(outcome);
        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"CONNECT {TestNetwork.PublicHost}:443 HTTP/1.1"), await proxy.FirstLine);
    }

    [Theory]
    [InlineData("https://pictures.test")]
    [InlineData("pictures.test:443")]
    [InlineData("127.0.0.1")]
    [InlineData("*")]
    [InlineData("*.test.*")]
    [InlineData("localhost")]
    public void A_list_of_hosts_that_cannot_be_meant_is_refused_at_start(string host)
    {
        var refusal = Assert.Throws<ArgumentException>(
            () => new UrlFetch(new() { AllowedHosts = [host] }, TimeProvider.System));

        Assert.Contains($"'{host}' is no host name", refusal.Message, StringComparison.Ordinal);
    }

    private static string[] Allowed => ["pictures.test", "*.pictures.test"];

    private static FetchOutcome.Fetched AssertFetched(FetchOutcome outcome) =>
        outcome as FetchOutcome.Fetched ?? throw new Xunit.Sdk.XunitException($"Not fetched: {outcome}");

    private UrlFetch FetchFrom(UrlFetchOptions options) => new(options, TimeProvider.System, _network.ToFetchNetwork());
}
