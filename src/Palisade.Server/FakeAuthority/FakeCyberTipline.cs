using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Palisade.CyberTipline;

namespace Palisade.Server.FakeAuthority;

/// <summary>
/// A rehearsal of NCMEC's CyberTipline: the same paths, codes and time limits on this machine, and faults on purpose.
/// Nothing that it receives reaches anybody. Tests and the demo start it in their own process.
/// </summary>
internal sealed class FakeCyberTipline : IAsyncDisposable
{
    /// <summary>A large report document is a few megabytes; files are not held.</summary>
    private const int MaxDocumentBytes = 64 << 20;

    private readonly FakeAuthorityOptions _options;
    private readonly FakeProtocol _protocol;
    private readonly DateTimeOffset _startedAt;
    private readonly List<FakeFault> _faults;
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly WebApplication _app;
    private long _requests;

    private FakeCyberTipline(FakeAuthorityOptions options)
    {
        _options = options;
        _startedAt = options.Clock.GetUtcNow();
        _faults = [.. options.Faults];
        _protocol = new FakeProtocol(new FakeLedger(options.Folder, Now), Now, options.HasAdditions2026);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var url = new Uri(options.Url);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Parse(url.Host.Trim('[', ']')), url.Port);
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>Ends with <c>/ispws/</c>.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>For a client of it.</summary>
    public CyberTiplineEndpoint Endpoint => CyberTiplineEndpoint.Rehearsal(Address, _options.UserName, _options.Password);

    public IReadOnlyList<FakeReport> Reports => _protocol.Reports;

    public static async Task<FakeCyberTipline> StartAsync(FakeAuthorityOptions options, CancellationToken cancellationToken)
    {
        var fake = new FakeCyberTipline(options);
        try
        {
            await fake._app.StartAsync(cancellationToken);
        }
        catch
        {
            await fake.DisposeAsync();
            throw;
        }

        var bound = fake._app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        fake.Address = new Uri(new Uri(bound), "/ispws/");
        return fake;
    }

    /// <summary>The next calls that it fits fail on purpose.</summary>
    public void Fail(FakeFault fault)
    {
        lock (_faults)
        {
            _faults.Add(fault);
        }
    }

    /// <summary>How often an endpoint was called, failures included.</summary>
    public int CallsOf(string endpoint) => _calls.GetValueOrDefault(endpoint);

    /// <summary>The authority's clock, which may run faster than ours.</summary>
    public DateTimeOffset Now() => _startedAt + ((_options.Clock.GetUtcNow() - _startedAt) * _options.ClockSpeed);

    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => _app.WaitForShutdownAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var requestId = string.Create(CultureInfo.InvariantCulture, $"rehearsal-{Interlocked.Increment(ref _requests)}");
        context.Response.Headers["Request-ID"] = requestId;
        if (!IsKnownCaller(context.Request))
        {
            _options.Say($"{requestId}  {context.Request.Path}  401: other credentials");
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"rehearsal\"";
            return;
        }

        var path = context.Request.Path.Value ?? "";
        if (path.StartsWith("/rehearsal/", StringComparison.Ordinal))
        {
            await WriteAsync(context, await RehearseAsync(context, path["/rehearsal/".Length..]));
            return;
        }

        var endpoint = path.StartsWith("/ispws/", StringComparison.Ordinal) ? path["/ispws/".Length..] : "";
        _calls.AddOrUpdate(endpoint, 1, (_, count) => count + 1);
        var fault = Take(endpoint);
        if (fault is { Moment: not FaultMoment.After })
        {
            await ReadHalfAsync(context, fault);
            if (!await FailAsync(context, fault, null, requestId, endpoint))
            {
                return;
            }
        }

        var answer = await ActAsync(context, endpoint);
        if (fault is { Moment: FaultMoment.After } && !await FailAsync(context, fault, answer, requestId, endpoint))
        {
            return;
        }

        if (fault?.Kind == FaultKind.WrongMd5 && answer.Hash is not null)
        {
            answer = answer with { Hash = new string('0', 32) };
        }

        _options.Say(string.Create(CultureInfo.InvariantCulture, $"{requestId}  {endpoint}  report {answer.ReportId}  code {answer.Code} {answer.Description}"));
        await WriteAsync(context, answer);
    }

    private async Task<FakeAnswer> ActAsync(HttpContext context, string endpoint)
    {
        var stopping = context.RequestAborted;
        return (context.Request.Method, endpoint) switch
        {
            ("GET", "status") => new FakeAnswer(0, $"REHEARSAL, nothing reaches an authority. Remote User : {_options.UserName}, Remote Ip : {context.Connection.RemoteIpAddress}"),
            ("GET", "xsd") => _protocol.Schema(),
            ("POST", "submit") when IsXml(context.Request) => _protocol.Submit(await ReadDocumentAsync(context.Request)),
            ("POST", "fileinfo") when IsXml(context.Request) => _protocol.Describe(await ReadDocumentAsync(context.Request)),
            ("POST", "submit" or "fileinfo") => new FakeAnswer(4000, "Content-Type must be text/xml; charset=utf-8.") { HttpStatus = 400 },
            ("POST", "upload") => _protocol.Upload(await FakeForm.ReadAsync(context.Request, stopping)),
            ("POST", "finish") => _protocol.Finish(await FakeForm.ReadAsync(context.Request, stopping)),
            ("POST", "retract") => _protocol.Retract(await FakeForm.ReadAsync(context.Request, stopping)),
            _ => new FakeAnswer(1210, "There is nothing at this address.") { HttpStatus = StatusCodes.Status404NotFound },
        };
    }

    /// <summary>The rehearsal's own addresses, which the authority has not: what came in, and the faults to come.</summary>
    private async Task<FakeAnswer> RehearseAsync(HttpContext context, string what)
    {
        switch (context.Request.Method, what)
        {
            case ("GET", "reports"):
                return _protocol.Inspect();
            case ("POST", "faults"):
                using (var reader = new StreamReader(context.Request.Body, Encoding.UTF8))
                {
                    var text = (await reader.ReadToEndAsync(context.RequestAborted)).Trim();
                    if (!FakeFault.TryParse(text, out var fault))
                    {
                        return new FakeAnswer(4000, FakeFault.Form) { HttpStatus = 400 };
                    }

                    Fail(fault);
                    return new FakeAnswer(0, "The fault will happen.");
                }

            case ("DELETE", "faults"):
                lock (_faults)
                {
                    _faults.Clear();
                }

                return new FakeAnswer(0, "No fault will happen.");
            default:
                return new FakeAnswer(1210, "There are /rehearsal/reports and /rehearsal/faults.") { HttpStatus = 404 };
        }
    }

    private FakeFault? Take(string endpoint)
    {
        lock (_faults)
        {
            var at = _faults.FindIndex(fault => fault.AppliesTo(endpoint));
            if (at < 0)
            {
                return null;
            }

            var taken = _faults[at];
            if (taken.Times == 1)
            {
                _faults.RemoveAt(at);
            }
            else
            {
                _faults[at] = taken with { Times = taken.Times - 1 };
            }

            return taken;
        }
    }

    /// <returns>True when the request goes on after all.</returns>
    private async Task<bool> FailAsync(HttpContext context, FakeFault fault, FakeAnswer? done, string requestId, string endpoint)
    {
        if (fault.Kind != FaultKind.WrongMd5)
        {
            _options.Say($"{requestId}  {endpoint}  on purpose, {fault.Moment}: {fault.Kind} {(fault.Kind == FaultKind.Code ? fault.Code : "")}");
        }

        switch (fault.Kind)
        {
            case FaultKind.Code:
                await WriteAsync(context, new FakeAnswer(fault.Code, "A fault on purpose.") { ReportId = done?.ReportId });
                return false;
            case FaultKind.Http500:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                context.Response.ContentType = "text/html; charset=ISO-8859-1";
                await context.Response.WriteAsync("<html><body>A fault on purpose<br></body></html>", context.RequestAborted);
                return false;
            case FaultKind.Http401:
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return false;
            case FaultKind.Slow:
                await Task.Delay(fault.Delay, _options.Clock, context.RequestAborted);
                return true;
            case FaultKind.Restart:
                _protocol.Restart();
                context.Abort();
                return false;
            case FaultKind.Break:
                context.Abort();
                return false;
            default:
                return true;
        }
    }

    private static async Task ReadHalfAsync(HttpContext context, FakeFault fault)
    {
        // What goes on after its fault needs the whole request.
        var goesOn = fault.Kind is FaultKind.Slow or FaultKind.WrongMd5;
        if (fault.Moment != FaultMoment.During || goesOn || context.Request.ContentLength is not > 1)
        {
            return;
        }

        var left = context.Request.ContentLength.Value / 2;
        var buffer = new byte[16 * 1024];
        int count;
        while (left > 0 && (count = await context.Request.Body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), context.RequestAborted)) > 0)
        {
            left -= count;
        }
    }

    private static async Task<byte[]> ReadDocumentAsync(HttpRequest request)
    {
        using var copy = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int count;
        while (copy.Length < MaxDocumentBytes && (count = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0)
        {
            copy.Write(buffer, 0, count);
        }

        return copy.ToArray();
    }

    private static bool IsXml(HttpRequest request) =>
        string.Equals(request.ContentType, "text/xml; charset=utf-8", StringComparison.OrdinalIgnoreCase);

    private static async Task WriteAsync(HttpContext context, FakeAnswer answer)
    {
        var bytes = answer.ToBytes();
        context.Response.StatusCode = answer.HttpStatus;
        context.Response.ContentType = answer.ContentType;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private bool IsKnownCaller(HttpRequest request) =>
        request.Headers.Authorization == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_options.UserName}:{_options.Password}"));
}
