using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Palisade.Banks.Fetching;

namespace Palisade.Review.Webhook;

/// <summary>Makes one signed call to the platform.</summary>
/// <remarks>
/// The address is the operator's wish and still checked as <see cref="UrlFetch"/> checks one: the name is looked up once for
/// a connection, every address must be public unless the host is trusted, and the connection goes to that very address.
/// </remarks>
public sealed class WebhookSender : IDisposable
{
    private readonly Uri _url;
    private readonly IReadOnlyList<WebhookKey> _keys;
    private readonly WebhookOptions _options;
    private readonly TimeProvider _clock;
    private readonly FetchNetwork _network;
    private readonly HttpClient _http;

    /// <exception cref="ArgumentException">The options cannot be right; the message says what to change.</exception>
    public WebhookSender(WebhookOptions options, TimeProvider clock)
        : this(options, clock, new FetchNetwork())
    {
    }

    internal WebhookSender(WebhookOptions options, TimeProvider clock, FetchNetwork network)
    {
        if (options.Fault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }

        _url = new Uri(options.Url ?? throw new ArgumentException("The webhook is off.", nameof(options)));
        _keys = [.. options.Keys.Select(key => WebhookKey.TryRead(key)!)];
        _options = options;
        _clock = clock;
        _network = network;
        _http = new HttpClient(NewHandler()) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <returns>Null when the platform has taken it. Throws for nothing but cancellation.</returns>
    public async Task<WebhookFailure?> SendAsync(string id, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.MaxTime, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var request = Signed(id, body);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return response.IsSuccessStatusCode ? null : WebhookFailure.NotAccepted;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return WebhookFailure.TimedOut;
        }
        catch (HttpRequestException refused) when (refused.InnerException is NotPublicException)
        {
            return WebhookFailure.AddressNotPublic;
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or SocketException)
        {
            return WebhookFailure.NoConnection;
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Signed(string id, ReadOnlyMemory<byte> body)
    {
        var now = _clock.GetUtcNow();
        var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(WebhookSignature.IdHeader, id);
        request.Headers.Add(WebhookSignature.TimeHeader, now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(
            WebhookSignature.SignatureHeader, WebhookSignature.Of(_keys, id, now, "POST", _url.PathAndQuery, body.Span));
        return request;
    }

    private SocketsHttpHandler NewHandler() => new()
    {
        ConnectCallback = async (context, cancellationToken) => await ConnectAsync(context.DnsEndPoint, cancellationToken),
        SslOptions = _network.Tls,
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        MaxResponseHeadersLength = 16, // KiB
    };

    private async Task<Stream> ConnectAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(target.Host, out var number)
            ? [number]
            : await _network.Resolve(target.Host, cancellationToken);
        if (addresses.Length == 0)
        {
            throw new IOException("The host's name leads nowhere.");
        }

        if (!_options.Trusts(_url.Host) && !addresses.All(PublicAddress.IsPublic))
        {
            throw new NotPublicException();
        }

        foreach (var address in addresses[..^1])
        {
            try
            {
                return await _network.Connect(new IPEndPoint(address, target.Port), cancellationToken);
            }
            catch (Exception unreachable) when (unreachable is SocketException or IOException)
            {
                // The next one, then: many hosts have an IPv6 address, and many networks no IPv6.
            }
        }

        return await _network.Connect(new IPEndPoint(addresses[^1], target.Port), cancellationToken);
    }

    private sealed class NotPublicException() : IOException("The host's name leads to an address that is not public.");
}
