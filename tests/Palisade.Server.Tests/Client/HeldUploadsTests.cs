using Palisade.Client;

namespace Palisade.Server.Tests.Client;

public sealed class HeldUploadsTests : IAsyncLifetime
{
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly WatchedClock _clock = new();
    private FakePalisade _palisade = null!;
    private HeldUploads _held = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _palisade = await FakePalisade.StartAsync();
        _held = new HeldUploads(ClientOf(_palisade.Address), new() { MaxHeld = 2 });
    }

    public async ValueTask DisposeAsync()
    {
        _held.Dispose();
        _http.Dispose();
        await _palisade.DisposeAsync();
    }

    [Fact]
    public async Task An_overloaded_service_is_asked_again_after_the_time_it_names()
    {
        _palisade.FailNext(Failure.Overload, Failure.Overload);

        var scanning = _held.ScanWhenPossibleAsync(UploadOf("c1"), Stop);
        var waits = new[] { await _clock.PassNextWaitAsync(), await _clock.PassNextWaitAsync() };

        Assert.Equal(Verdict.Allow, Assert.IsType<HeldOutcome.Answered>(await scanning).Answer.Verdict);
        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(8.75)));
    }

    [Theory]
    [InlineData(nameof(Failure.DiesMidUpload))]
    [InlineData(nameof(Failure.DiesMidAnswer))]
    [InlineData(nameof(Failure.Gibberish))]
    public async Task However_often_it_is_asked_it_is_one_scan_under_one_key(string failure)
    {
        var broken = Enum.Parse<Failure>(failure);
        _palisade.FailNext(broken, broken, broken);

        var scanning = _held.ScanWhenPossibleAsync(UploadOf("c1"), Stop);
        for (var i = 0; i < 3; i++)
        {
            await _clock.PassNextWaitAsync();
        }

        await scanning;
        var keys = new[] { await CallAsync(), await CallAsync(), await CallAsync(), await CallAsync() };
        Assert.Single(keys.Distinct(StringComparer.Ordinal));
        Assert.Equal(1, _palisade.Scans);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_asked_ever_more_rarely_until_it_is()
    {
        var port = PalisadeClientTests.FreePort();
        using var held = new HeldUploads(ClientOf(new Uri($"http://127.0.0.1:{port}")));

        var scanning = held.ScanWhenPossibleAsync(UploadOf("c1"), Stop);
        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            waits.Add((await _clock.PassNextWaitAsync()).TotalSeconds);
        }

        var last = await _clock.NextWaitAsync();
        await using var late = await FakePalisade.StartAsync(port);
        _clock.Advance(last);

        Assert.IsType<HeldOutcome.Answered>(await scanning);
        Assert.All(
            waits.Zip([1, 2, 4, 8, 16, 32, 60, 60]),
            wait => Assert.InRange(wait.First, wait.Second, wait.Second * 1.25));
    }

    [Fact]
    public async Task A_full_house_takes_nothing_on_and_sends_nothing()
    {
        _palisade.Always = Failure.Overload;
        var held = new[] { _held.ScanWhenPossibleAsync(UploadOf("c1"), Stop), _held.ScanWhenPossibleAsync(UploadOf("c2"), Stop) };

        var waits = new[] { await _clock.NextWaitAsync(), await _clock.NextWaitAsync() };
        var third = await _held.ScanWhenPossibleAsync(UploadOf("c3"), Stop);
        _palisade.Always = null;
        _clock.Advance(waits.Max());
        await Task.WhenAll(held);

        Assert.IsType<HeldOutcome.Full>(third);
        Assert.Equal(2, _palisade.Scans);
        Assert.Equal(0, _held.Count);
    }

    [Fact]
    public async Task Giving_up_makes_room()
    {
        using var givingUp = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        _palisade.Always = Failure.Overload;

        var scanning = _held.ScanWhenPossibleAsync(UploadOf("c1"), givingUp.Token);
        await _clock.NextWaitAsync();
        await givingUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scanning);
        Assert.Equal(0, _held.Count);
    }

    [Fact]
    public async Task What_the_service_refuses_is_not_asked_again()
    {
        _palisade.FailNext(Failure.KeyRevoked);

        var outcome = await _held.ScanWhenPossibleAsync(UploadOf("c1"), Stop);

        Assert.Equal("urn:palisade:problem:key-not-valid", Assert.IsType<HeldOutcome.Refused>(outcome).Problem.Type);
    }

    [Fact]
    public async Task An_upload_that_cannot_be_read_is_its_owners_trouble_and_not_asked_about_again()
    {
        var opened = 0;
        var upload = Upload.FromStream(
            () =>
            {
                opened++;
                return new BrokenStream();
            },
            "uploads",
            "c1");

        var failure = await Assert.ThrowsAsync<IOException>(() => _held.ScanWhenPossibleAsync(upload, Stop));

        Assert.Contains("could not be read", failure.Message, StringComparison.Ordinal);
        Assert.Equal((1, 0, 0), (opened, _palisade.Scans, _held.Count));
    }

    private static Upload UploadOf(string contentId) => Upload.FromBytes(new byte[100_000], "uploads", contentId);

    private ValueTask<string> CallAsync() => _palisade.Calls.Reader.ReadAsync(Stop);

    private PalisadeClient ClientOf(Uri address) => new(
        _http, new() { Address = address, ApiKey = "pal_test", CallTimeout = WatchedClock.CallTimeout }, _clock);

    /// <summary>A file on a disk that fails.</summary>
    private sealed class BrokenStream() : MemoryStream(new byte[1000])
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("The disk is broken.");
    }
}
