using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Palisade.Server.Tests.Client;

/// <summary>How the service can fail a call on purpose.</summary>
internal enum Failure
{
    /// <summary>503 with Retry-After: 7.</summary>
    Overload,

    /// <summary>The connection dies while the upload is on its way.</summary>
    DiesMidUpload,

    /// <summary>The scan is done and the connection dies within the answer.</summary>
    DiesMidAnswer,

    /// <summary>Nothing ever comes back.</summary>
    Silence,

    /// <summary>Something that is no JSON, with status 200.</summary>
    Gibberish,

    /// <summary>401 with a problem from the fixed list.</summary>
    KeyRevoked,
}

/// <summary>
/// A small Palisade on a real port, for what a real one cannot be made to do at will. Uploads whose bytes are
/// <see cref="Held"/> are held, all others allowed.
/// </summary>
internal sealed class FakePalisade : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _verdicts = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Failure> _failures = [];
    private readonly List<string> _feed = [];
    private int _scans;

    private FakePalisade(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, $"http://127.0.0.1:{port}");
        _app = builder.Build();
        _app.MapPost("/v1/scan", ScanAsync);
        _app.MapPost("/v1/lookup", LookupAsync);
        _app.MapGet("/v1/scans/{id}", (string id) => _verdicts.TryGetValue(id, out var verdict)
            ? Results.Text($$"""{"id":"{{id}}","verdict":"{{verdict}}"}""", "application/json")
            : Results.Problem(statusCode: 404, type: "urn:palisade:problem:scan-not-kept"));
        _app.MapGet("/v1/verdicts", FeedAsync);
    }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Bytes, as hexadecimal digits, that lead to a hold.</summary>
    public ConcurrentDictionary<string, bool> Held { get; } = new(StringComparer.Ordinal);

    /// <summary>One entry for each call that reached the scan route: its idempotency key.</summary>
    public Channel<string> Calls { get; } = Channel.CreateUnbounded<string>();

    /// <summary>How many different scans were made of all those calls.</summary>
    public int Scans => _scans;

    /// <summary>Fails every call until taken back.</summary>
    public Failure? Always { get; set; }

    public static async Task<FakePalisade> StartAsync(int port = 0)
    {
        var fake = new FakePalisade(port);
        await fake._app.StartAsync();
        return fake;
    }

    /// <summary>Fails the next calls, one after another, in this way.</summary>
    public void FailNext(params Failure[] failures)
    {
        foreach (var failure in failures)
        {
            _failures.Enqueue(failure);
        }
    }

    /// <summary>A person changes a verdict: it goes on the feed.</summary>
    public void Change(string contentId, string verdict)
    {
        lock (_feed)
        {
            var sequence = _feed.Count + 1;
            _verdicts[contentId] = verdict;
            _feed.Add(string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"sequence":{{sequence}},"scan":"{{contentId}}","contentId":"{{contentId}}","verdict":"{{verdict}}"}"""));
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ScanAsync(HttpContext context)
    {
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        var failure = Always ?? (_failures.TryDequeue(out var next) ? next : null);
        Calls.Writer.TryWrite(key);
        if (failure == Failure.DiesMidUpload)
        {
            await context.Request.Body.ReadExactlyAsync(new byte[16]);
            context.Abort();
            return;
        }

        if (failure is not (null or Failure.DiesMidAnswer))
        {
            await FailAsync(context, failure.Value);
            return;
        }

        var form = await context.Request.ReadFormAsync();
        using var bytes = new MemoryStream();
        await form.Files.Single().CopyToAsync(bytes);
        var verdict = Held.ContainsKey(Convert.ToHexString(bytes.ToArray())) ? "hold" : "allow";
        var answer = _answers.GetOrAdd(key, _ =>
        {
            Interlocked.Increment(ref _scans);
            var id = form["contentId"].ToString();
            if (verdict != "allow")
            {
                _verdicts.TryAdd(id, verdict);
            }

            return $$"""{"id":"{{id}}","verdict":"{{verdict}}"}""";
        });

        if (failure == Failure.DiesMidAnswer)
        {
            await context.Response.WriteAsync(answer[..12]);
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer);
    }

    private async Task LookupAsync(HttpContext context)
    {
        using var body = await System.Text.Json.JsonDocument.ParseAsync(context.Request.Body);
        var answers = body.RootElement.GetProperty("items").EnumerateArray()
            .Select(item => item.TryGetProperty("md5", out var _) ? """{"verdict":"block"}""" : """{"verdict":"allow"}""");
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($$"""{"answers":[{{string.Join(',', answers)}}]}""");
    }

    private async Task FeedAsync(HttpContext context, long after, int limit)
    {
        var failure = Always ?? (_failures.TryDequeue(out var next) ? next : null);
        if (failure is not (null or Failure.DiesMidAnswer))
        {
            await FailAsync(context, failure.Value);
            return;
        }

        string body;
        lock (_feed)
        {
            body = $$"""{"changes":[{{string.Join(',', _feed.Skip((int)after).Take(limit))}}]}""";
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(failure is null ? body : body[..(body.Length / 2)]);
        if (failure is not null)
        {
            await context.Response.Body.FlushAsync();
            context.Abort();
        }
    }

    private static async Task FailAsync(HttpContext context, Failure failure)
    {
        switch (failure)
        {
            case Failure.Overload:
                context.Response.Headers.RetryAfter = "7";
                await Results.Problem(statusCode: 503, type: "urn:palisade:problem:overloaded").ExecuteAsync(context);
                break;
            case Failure.KeyRevoked:
                await Results.Problem(
                    statusCode: 401, type: "urn:palisade:problem:key-not-valid", title: "The API key is not valid").ExecuteAsync(context);
                break;
            case Failure.Gibberish:
                await context.Response.WriteAsync("<html>proxy</html>", Encoding.UTF8);
                break;
            case Failure.Silence:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
                    .ContinueWith(_ => { }, TaskScheduler.Default);
                break;
            default:
                context.Abort();
                break;
        }
    }
}
