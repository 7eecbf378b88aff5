using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Palisade.Banks.Fetching;
using Palisade.Policy;
using Palisade.Review;
using Palisade.Review.Webhook;
using Palisade.Testing;

namespace Palisade.Tests.Review;

/// <summary>A9 of the security model, the sending side: what the feed says arrives, in order for each case, whatever the receiver does.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly string _keyFile = Path.GetTempFileName();
    private Receiver _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_keyFile, WebhookKey.NewText());
        _receiver = await Receiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        File.Delete(_keyFile);
    }

    [Theory, StoreEngines]
    public async Task Everything_arrives_in_order_for_each_case_through_a_receiver_that_fails_and_nodes_that_restart(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        await BeginAsync(room);
        var random = new Random(20270301);

        // Three of four calls fail: a refusal, a broken connection, and an answer that is lost after the call was taken.
        _receiver.Answer = () => random.Next(4) switch { 0 => 200, 1 => 500, 2 => Receiver.LostAnswer, _ => Receiver.BrokenOff };
        for (var picture = 0; picture < 6; picture++)
        {
            var sha = picture.ToString("x64", CultureInfo.InvariantCulture);
            await room.ScanAsync(RecordOf(room, sha, $"{picture} a"));
            await room.ScanAsync(RecordOf(room, sha, $"{picture} b"));
        }

        foreach (var record in await room.AllAsync())
        {
            await room.Cases.CloseAsync(record.Id, PlatformAction.Remove, "clear", null, CaseRoom.Anna, default);
        }

        var expected = await room.Feed.ReadAfterAsync(0, 1000, default);
        Assert.Equal(24, expected.Count);
        var rounds = 0;
        while (await WaitingAsync(room) > 0)
        {
            // A node that ends and another that begins, each with its own lease.
            Assert.InRange(rounds++, 0, 400);
            using var sender = SenderOf();
            await CourierOf(room, sender).DeliverDueAsync(default);
            _clock.Advance(TimeSpan.FromMinutes(13));
        }

        var taken = _receiver.Taken.Select(call => JsonDocument.Parse(call.Body).RootElement).ToList();
        foreach (var record in await room.AllAsync())
        {
            var lines = expected.Where(line => line.Case == record.Id).Select(line => line.Sequence);
            var arrived = taken.Where(body => body.GetProperty("case").GetString() == record.Id.ToString())
                .Select(body => body.GetProperty("sequence").GetInt64()).ToList();
            Assert.Equal(lines, Once(arrived));
        }

        // What came twice came under one id, so a receiver that remembers ids acts once.
        Assert.All(
            _receiver.Taken.GroupBy(call => JsonDocument.Parse(call.Body).RootElement.GetProperty("sequence").GetInt64()),
            same => Assert.Single(same.Select(call => call.Id).Distinct()));
    }

    [Theory, StoreEngines]
    public async Task Two_nodes_do_not_both_send_a_line_while_one_has_the_lease(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        await BeginAsync(room);
        for (var picture = 0; picture < 20; picture++)
        {
            await room.ScanAsync(RecordOf(room, picture.ToString("x64", CultureInfo.InvariantCulture), $"{picture}"));
        }

        var outboxes = Enumerable.Range(0, 4).Select(_ => new WebhookOutbox(room.Store, _clock)).ToList();
        await outboxes[0].TakeInAsync(default);
        var claims = await Task.WhenAll(outboxes.Select(outbox => outbox.ClaimAsync(8, default)));
        var claimed = claims.SelectMany(claim => claim).Select(message => message.Seq).ToList();

        Assert.Equal(claimed.Count, claimed.Distinct().Count());
        Assert.Equal(20, claimed.Count + (await outboxes[0].ClaimAsync(100, default)).Count);
        Assert.Empty(await outboxes[1].ClaimAsync(100, default));

        // A node that died with its lease: its lines are sent by another once the lease is over.
        _clock.Advance(WebhookOutbox.Lease + TimeSpan.FromMilliseconds(1));
        Assert.Equal(20, (await outboxes[1].ClaimAsync(100, default)).Count);
    }

    [Fact]
    public async Task The_second_line_of_a_case_waits_for_the_first_and_other_cases_do_not()
    {
        await using var room = await CaseRoom.CreateAsync(TestEngine.Sqlite, _clock);
        await BeginAsync(room);
        await room.ScanAsync(RecordOf(room, new string('a', 64), "a1"));
        await room.ScanAsync(RecordOf(room, new string('a', 64), "a2"));
        await room.ScanAsync(RecordOf(room, new string('b', 64), "b1"));
        _receiver.Refuses = body => body.Contains("\"a1\"", StringComparison.Ordinal);

        using var sender = SenderOf();
        var courier = CourierOf(room, sender);
        await courier.DeliverDueAsync(default);
        _receiver.Refuses = _ => false;
        await courier.DeliverDueAsync(default);
        var early = ContentIds();
        _clock.Advance(TimeSpan.FromSeconds(6));
        await courier.DeliverDueAsync(default);
        await courier.DeliverDueAsync(default);

        Assert.Equal(["b1"], early);
        Assert.Equal(["b1", "a1", "a2"], ContentIds());
    }

    [Fact]
    public async Task The_webhook_begins_with_what_changes_after_it_was_switched_on_and_loses_nothing_while_it_is_off()
    {
        await using var room = await CaseRoom.CreateAsync(TestEngine.Sqlite, _clock);
        await room.ScanAsync(RecordOf(room, new string('a', 64), "before"));
        await BeginAsync(room);
        await room.ScanAsync(RecordOf(room, new string('b', 64), "while off"));

        using var sender = SenderOf();
        await CourierOf(room, sender).DeliverDueAsync(default);

        Assert.Equal(["while off"], ContentIds());
    }

    [Fact]
    public async Task A_host_that_is_not_trusted_and_not_public_is_never_called()
    {
        foreach (var address in new[] { "127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:192.168.0.1" })
        {
            var connections = 0;
            using var sender = new WebhookSender(
                OptionsOf() with { Url = "https://hooks.example.org/palisade", TrustedHosts = [] },
                _clock,
                new FetchNetwork
                {
                    Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("93.184.215.14"), IPAddress.Parse(address)]),
                    Connect = (_, _) =>
                    {
                        connections++;
                        throw new SocketException();
                    },
                });

            Assert.Equal(WebhookFailure.AddressNotPublic, await sender.SendAsync("whm_1", "{}"u8.ToArray(), default));
            Assert.Equal(0, connections);
        }
    }

    [Theory]
    [InlineData("http://hooks.example.org/")]
    [InlineData("https://hooks.example.org:8443/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://user:password@hooks.example.org/")]
    [InlineData("ftp://hooks.example.org/")]
    public void An_address_that_the_rules_forbid_is_refused_at_start(string url)
    {
        Assert.NotNull((OptionsOf() with { Url = url, TrustedHosts = [] }).Fault());
    }

    [Fact]
    public async Task A_receiver_that_never_answers_is_not_waited_for()
    {
        _receiver.Answer = () => Receiver.Silent;
        using var sender = new WebhookSender(OptionsOf(), _clock);

        var call = sender.SendAsync("whm_1", "{}"u8.ToArray(), default);
        await _receiver.Called.Task;
        _clock.Advance(OptionsOf().MaxTime);

        Assert.Equal(WebhookFailure.TimedOut, await call);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _receiver.Answer = () => 302;
        using var sender = SenderOf();

        Assert.Equal(WebhookFailure.NotAccepted, await sender.SendAsync("whm_1", "{}"u8.ToArray(), default));
        Assert.Single(_receiver.Calls);
    }

    [Fact]
    public void The_wait_grows_and_is_never_more_than_twelve_minutes()
    {
        var waits = Enumerable.Range(1, 30).Select(attempt => WebhookOutbox.WaitAfter(attempt)).ToList();

        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(12)));
        Assert.InRange(waits[0], TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6));
        Assert.True(waits[^1] >= TimeSpan.FromMinutes(10));
    }

    private List<string> ContentIds() =>
        [.. _receiver.Taken.Select(call => JsonDocument.Parse(call.Body).RootElement.GetProperty("contentId").GetString()!)];

    /// <summary>Each number once, where it first came.</summary>
    private static List<long> Once(List<long> arrived) => [.. arrived.Distinct()];

    private static Palisade.Scanning.ScanRecord RecordOf(CaseRoom room, string sha, string contentId)
    {
        var record = room.Record(VerdictAction.Hold, contentId, sha);
        return record with { Facts = record.Facts with { Matches = [] } };
    }

    private Task<int> BeginAsync(CaseRoom room) => new WebhookOutbox(room.Store, _clock).TakeInAsync(default);

    private static async Task<long> WaitingAsync(CaseRoom room) => await room.Store.ReadAsync(
        connection => connection.QuerySingleAsync<long>(
            """
            SELECT (SELECT COUNT(*) FROM webhook_message WHERE delivered_at IS NULL) +
                (SELECT COUNT(*) FROM verdict_change WHERE seq > (SELECT seq FROM webhook_position WHERE id = 1))
            """),
        default);

    private WebhookOptions OptionsOf() => new()
    {
        Url = _receiver.Address + "hooks/palisade?tenant=1",
        TrustedHosts = ["127.0.0.1"],
        Keys = [new WebhookKeyOptions { Id = "k1", SecretFile = _keyFile }],
    };

    private WebhookSender SenderOf() => new(OptionsOf(), TimeProvider.System);

    private WebhookCourier CourierOf(CaseRoom room, WebhookSender sender) => new(
        room.Store, new WebhookOutbox(room.Store, _clock), room.Feed, sender, _clock, NullLogger<WebhookCourier>.Instance);

    /// <summary>A platform's receiver that can fail on purpose.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        /// <summary>It takes the call, and its answer is lost.</summary>
        public const int LostAnswer = -1;

        /// <summary>It breaks off and has taken nothing.</summary>
        public const int BrokenOff = -2;

        /// <summary>It never answers.</summary>
        public const int Silent = -3;

        private readonly WebApplication _app;

        private Receiver()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            _app = builder.Build();
            _app.MapPost("/{**path}", AnswerAsync);
        }

        public string Address => _app.Urls.Single() + "/";

        public Func<int> Answer { get; set; } = () => 200;

        public Func<string, bool> Refuses { get; set; } = _ => false;

        public ConcurrentQueue<(string Id, string Body)> Calls { get; } = new();

        public ConcurrentQueue<(string Id, string Body)> Taken { get; } = new();

        public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static async Task<Receiver> StartAsync()
        {
            var receiver = new Receiver();
            await receiver._app.StartAsync();
            return receiver;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task AnswerAsync(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var call = (context.Request.Headers[WebhookSignature.IdHeader].ToString(), await reader.ReadToEndAsync());
            Calls.Enqueue(call);
            Called.TrySetResult();
            int answer;
            lock (Taken)
            {
                answer = Refuses(call.Item2) ? 503 : Answer();
                if (answer is 200 or LostAnswer)
                {
                    Taken.Enqueue(call);
                }
            }

            switch (answer)
            {
                case LostAnswer or BrokenOff:
                    context.Abort();
                    break;
                case Silent:
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
                    break;
                case 302:
                    context.Response.Redirect(Address);
                    break;
                default:
                    context.Response.StatusCode = answer;
                    break;
            }
        }
    }
}
