using System.Net;
using System.Net.Sockets;
using Palisade.Client;

namespace Palisade.Server.Tests.Client;

public sealed class PalisadeClientTests : IAsyncLifetime
{
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly WatchedClock _clock = new();
    private FakePalisade _palisade = null!;
    private PalisadeClient _client = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _palisade = await FakePalisade.StartAsync();
        _client = ClientOf(_palisade.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _palisade.DisposeAsync();
    }

    [Theory]
    [InlineData("hold", Verdict.Hold)]
    [InlineData("allow", Verdict.Allow)]
    public async Task An_upload_is_answered_with_its_verdict(string word, Verdict verdict)
    {
        if (word == "hold")
        {
            _palisade.Held["010203"] = true;
        }

        var answer = await _client.ScanAsync(UploadOf(1, 2, 3), Stop);

        Assert.Equal(verdict, answer.Verdict);
        Assert.Empty(answer.Reasons);
        Assert.Empty(answer.Matches);
    }

    [Fact]
    public async Task A_verdict_word_from_a_newer_service_is_read_as_hold()
    {
        _palisade.Change("c1", "escalate");

        var scan = await _client.GetScanAsync("c1", Stop);

        Assert.Equal(Verdict.Hold, scan!.Verdict);
    }

    [Theory]
    [InlineData(nameof(Failure.Overload))]
    [InlineData(nameof(Failure.DiesMidUpload))]
    [InlineData(nameof(Failure.DiesMidAnswer))]
    [InlineData(nameof(Failure.Gibberish))]
    public async Task Every_way_of_not_answering_is_no_verdict(string failure)
    {
        _palisade.FailNext(Enum.Parse<Failure>(failure));

        var unavailable = await Assert.ThrowsAsync<PalisadeUnavailableException>(() => _client.ScanAsync(UploadOf(1), Stop));

        Assert.Equal(failure == nameof(Failure.Overload) ? TimeSpan.FromSeconds(7) : null, unavailable.RetryAfter);
    }

    [Fact]
    public async Task A_service_that_says_nothing_is_no_verdict()
    {
        _palisade.FailNext(Failure.Silence);

        var scanning = _client.ScanAsync(UploadOf(1), Stop);
        await _palisade.Calls.Reader.ReadAsync(Stop);
        _clock.Advance(WatchedClock.CallTimeout);

        await Assert.ThrowsAsync<PalisadeUnavailableException>(() => scanning);
    }

    [Fact]
    public async Task A_refused_connection_is_no_verdict()
    {
        var nobody = ClientOf(new Uri($"http://127.0.0.1:{FreePort()}"));

        await Assert.ThrowsAsync<PalisadeUnavailableException>(() => nobody.ScanAsync(UploadOf(1), Stop));
    }

    [Fact]
    public async Task A_caller_who_leaves_is_told_that_and_nothing_else()
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        _palisade.FailNext(Failure.Silence);

        var scanning = _client.ScanAsync(UploadOf(1), leaving.Token);
        await _palisade.Calls.Reader.ReadAsync(Stop);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scanning);
    }

    [Fact]
    public async Task A_refusal_carries_its_problem()
    {
        _palisade.FailNext(Failure.KeyRevoked);

        var refused = await Assert.ThrowsAsync<PalisadeProblemException>(() => _client.ScanAsync(UploadOf(1), Stop));

        Assert.Equal("urn:palisade:problem:key-not-valid", refused.Problem.Type);
        Assert.Equal(401, refused.Problem.Status);
    }

    [Fact]
    public async Task Looked_up_items_are_answered_in_their_order()
    {
        var answers = await _client.LookupAsync(
            "uploads", [new() { Sha256 = new('0', 64) }, new() { Md5 = new('0', 32) }], Stop);

        Assert.Equal([Verdict.Allow, Verdict.Block], answers.Select(answer => answer.Verdict));
    }

    [Fact]
    public async Task Of_a_scan_that_is_not_kept_there_is_no_record() =>
        Assert.Null(await _client.GetScanAsync("unknown", Stop));

    [Fact]
    public async Task The_feed_goes_on_after_a_broken_connection_without_loss_or_repetition()
    {
        for (var i = 1; i <= 40; i++)
        {
            _palisade.Change($"c{i}", i % 2 == 0 ? "allow" : "hold");
        }

        var seen = new List<long>();
        await foreach (var change in _client.FollowVerdictsAsync(after: 10, Stop))
        {
            seen.Add(change.Sequence);
            if (change.Sequence == 40)
            {
                _palisade.FailNext(Failure.DiesMidAnswer, Failure.Overload, Failure.Gibberish);
                _palisade.Change("c41", "hold");
                _ = PassWaitsAsync(4);
            }
            else if (change.Sequence == 41)
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Range(11, 31).Select(sequence => (long)sequence), seen);
    }

    [Fact]
    public async Task The_feed_ends_when_the_key_is_revoked()
    {
        _palisade.FailNext(Failure.KeyRevoked);

        await using var feed = _client.FollowVerdictsAsync(after: 0, Stop).GetAsyncEnumerator(Stop);

        await Assert.ThrowsAsync<PalisadeProblemException>(async () => await feed.MoveNextAsync());
    }

    [Fact]
    public void A_key_is_not_sent_in_the_clear_to_another_machine_unless_told_so()
    {
        var refusal = Assert.Throws<ArgumentException>(() => ClientOf(new Uri("http://palisade.example")));

        Assert.Contains("has no TLS", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Printing_the_options_does_not_print_the_key() => Assert.DoesNotContain(
        "pal_secret", new PalisadeClientOptions { Address = _palisade.Address, ApiKey = "pal_secret" }.ToString(), StringComparison.Ordinal);

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Upload UploadOf(params byte[] bytes) => Upload.FromBytes(bytes, "uploads", "c1");

    private async Task PassWaitsAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _clock.PassNextWaitAsync();
        }
    }

    private PalisadeClient ClientOf(Uri address) => new(
        _http, new() { Address = address, ApiKey = "pal_test", CallTimeout = WatchedClock.CallTimeout }, _clock);
}
