using System.Net.Http.Headers;
using Microsoft.Extensions.Configuration;
using Palisade.Server.Tests.Client;
using UploadGate;

namespace Palisade.Server.Tests.UploadGate;

public sealed class UploadGateTests : IAsyncLifetime
{
    private FakePalisade _palisade = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _palisade = await FakePalisade.StartAsync();

    public ValueTask DisposeAsync() => _palisade.DisposeAsync();

    [Fact]
    public async Task What_is_cleared_is_published_and_what_is_held_is_not()
    {
        await using var gate = await RunningGate.StartAsync(_palisade.Address);
        var (_, held) = await gate.UploadAsync(Matching(1));
        var (_, cleared) = await gate.UploadAsync(Ordinary(2));

        await gate.UntilAsync(cleared, Standing.Published);
        await gate.UntilAsync(held, Standing.Kept);

        Assert.Equal(Ordinary(2), await gate.DownloadAsync(cleared));
        Assert.Equal(404, (await gate.ShowAsync(held)).Status);
    }

    [Fact]
    public async Task An_upload_that_cannot_be_read_is_kept_back_and_not_tried_for_ever()
    {
        await using var gate = await RunningGate.StartAsync(_palisade.Address);
        var id = UploadFolder.NewId();

        // Opens and then fails at the first byte, as a file on a broken disk does; also for the superuser.
        File.CreateSymbolicLink(gate.Uploads.PathOf(id, Standing.Waiting), "/proc/self/mem");

        await gate.UntilAsync(id, Standing.Kept);
        Assert.Equal(0, _palisade.Scans);
    }

    [Theory]
    [InlineData(null, "pal_x", "PALISADE_URL")]
    [InlineData("palisade.example", "pal_x", "PALISADE_URL")]
    [InlineData("http://127.0.0.1:8080", "", "PALISADE_KEY")]
    public void What_the_gate_was_not_told_is_named(string? address, string key, string named)
    {
        var environment = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["PALISADE_URL"] = address, ["PALISADE_KEY"] = key })
            .Build();

        var missing = Assert.Throws<GateOptionsException>(() => GateOptions.FromEnvironment(environment));

        Assert.Contains(named, missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_publishes_and_a_later_hold_takes_down()
    {
        await using var gate = await RunningGate.StartAsync(_palisade.Address);
        var (_, id) = await gate.UploadAsync(Matching(1));
        await gate.UntilAsync(id, Standing.Kept);

        _palisade.Change(id, "allow");
        await gate.UntilAsync(id, Standing.Published);
        var released = await gate.DownloadAsync(id);
        _palisade.Change(id, "block");
        await gate.UntilAsync(id, Standing.Kept);

        Assert.Equal(Matching(1), released);
        Assert.Equal(404, (await gate.ShowAsync(id)).Status);
    }

    [Fact]
    public async Task Every_absence_has_one_wording()
    {
        await using var gate = await RunningGate.StartAsync(_palisade.Address);
        var (_, held) = await gate.UploadAsync(Matching(1));
        await gate.UntilAsync(held, Standing.Kept);
        _palisade.Always = Failure.Overload;
        var (_, waiting) = await gate.UploadAsync(Ordinary(2));

        string[] absent = [held, waiting, UploadFolder.NewId(), "no-id", "..%2F..%2Fkept%2F" + held];
        var seen = await Task.WhenAll(absent.Select(gate.ShowAsync));

        Assert.Single(seen.Distinct());
    }

    [Fact]
    public async Task An_upload_that_waits_through_an_overload_and_a_restart_is_scanned_once()
    {
        _palisade.Always = Failure.DiesMidAnswer;
        var gate = await RunningGate.StartAsync(_palisade.Address);
        var (_, id) = await gate.UploadAsync(Ordinary(1));
        await _palisade.Calls.Reader.ReadAsync(Stop);

        var folder = await gate.StopAsync();
        _palisade.Always = null;
        await using var restarted = await RunningGate.StartAsync(_palisade.Address, folder: folder);
        await restarted.UntilAsync(id, Standing.Published);

        Assert.Equal(1, _palisade.Scans);
    }

    /// <summary>T1.1 small, with bytes that stand for pictures.</summary>
    [Fact]
    public async Task Five_hundred_uploads_are_answered_alike()
    {
        await using var gate = await RunningGate.StartAsync(_palisade.Address);
        var seen = new List<Seen>();
        for (var i = 0; i < 250; i++)
        {
            seen.Add((await gate.UploadAsync(Matching(i))).Seen);
            seen.Add((await gate.UploadAsync(Ordinary(i))).Seen);
        }

        var one = Assert.Single(seen.Distinct());
        Assert.Equal(202, one.Status);
        Assert.Equal("""{"id":"(id)","status":"received"}""", one.Body);
    }

    /// <summary>T1.3: each path, once with a picture that matches and once with one that does not.</summary>
    [Theory]
    [InlineData("too large", 413)]
    [InlineData("far too large", 413)]
    [InlineData("empty", 400)]
    [InlineData("no form", 400)]
    [InlineData("no file in the form", 400)]
    [InlineData("another boundary", 400)]
    [InlineData("form cut short", 400)]
    [InlineData("text", 202)]
    [InlineData("service down", 202)]
    [InlineData("overload", 202)]
    [InlineData("silence", 202)]
    [InlineData("connection dies", 202)]
    [InlineData("gibberish", 202)]
    [InlineData("key revoked", 202)]
    [InlineData("no room", 503)]
    public async Task Every_error_path_answers_matching_and_ordinary_pictures_alike(string path, int status)
    {
        _palisade.Always = path switch
        {
            "overload" or "no room" => Failure.Overload,
            "silence" => Failure.Silence,
            "connection dies" => Failure.DiesMidAnswer,
            "gibberish" => Failure.Gibberish,
            "key revoked" => Failure.KeyRevoked,
            _ => null,
        };
        var address = path == "service down" ? new Uri($"http://127.0.0.1:{PalisadeClientTests.FreePort()}") : _palisade.Address;
        await using var gate = await RunningGate.StartAsync(address, change: options => path switch
        {
            "too large" => options with { MaxUploadBytes = 1000 },
            "far too large" => options with { MaxUploadBytes = 1000 },
            "no room" => options with { MaxWaiting = 1 },
            _ => options,
        });
        if (path == "no room")
        {
            await gate.UploadAsync(Ordinary(0));
        }

        var padding = path == "far too large" ? new byte[200_000] : [];
        var matching = await gate.UploadAsync(Form(path, [.. Matching(1), .. padding]));
        var ordinary = await gate.UploadAsync(Form(path, [.. Ordinary(1), .. padding]));

        Assert.Equal(matching.Seen, ordinary.Seen);
        Assert.Equal(status, matching.Seen.Status);
        if (status == 202 && path != "text")
        {
            Assert.Equal(await gate.ShowAsync(matching.Id), await gate.ShowAsync(ordinary.Id));
        }
    }

    private static HttpContent Form(string path, byte[] picture)
    {
        var multipart = new MediaTypeHeaderValue("multipart/form-data");
        multipart.Parameters.Add(new NameValueHeaderValue("boundary", "0123456789abcdef"));
        switch (path)
        {
            case "empty":
                return RunningGate.FormOf([]);
            case "no form":
                return new ByteArrayContent(picture);
            case "no file in the form":
                return new MultipartFormDataContent("0123456789abcdef") { { new ByteArrayContent(picture), "file" } };
            case "another boundary":
                return new ByteArrayContent([.. "--another\r\n\r\n"u8, .. picture]) { Headers = { ContentType = multipart } };
            case "form cut short":
                return new ByteArrayContent(
                    [.. "--0123456789abcdef\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n"u8, .. picture])
                {
                    Headers = { ContentType = multipart },
                };
            case "text":
                return RunningGate.FormOf("only words"u8.ToArray());
            default:
                return RunningGate.FormOf(picture);
        }
    }

    private static byte[] Ordinary(int seed)
    {
        var bytes = new byte[2000];
        BitConverter.TryWriteBytes(bytes, seed);
        return bytes;
    }

    private byte[] Matching(int seed)
    {
        var bytes = Ordinary(~seed);
        _palisade.Held[Convert.ToHexString(bytes)] = true;
        return bytes;
    }
}
