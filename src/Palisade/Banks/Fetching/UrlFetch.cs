using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Palisade.Banks.Fetching;

/// <summary>
/// Fetches a picture by its address for a bank, from allowed hosts only.
/// </summary>
/// <remarks>
/// A fetched address is somebody's wish to have this machine call another one. So: the host is on the list; its name is
/// looked up once, every address that came back is public, and the connection goes to that very address; each redirect
/// begins anew; nothing of ours (cookie, key, trace header) is sent along. Covers A8 of the security model.
/// </remarks>
public sealed class UrlFetch
{
    private readonly UrlFetchOptions _options;
    private readonly TimeProvider _clock;
    private readonly FetchNetwork _network;

    /// <exception cref="ArgumentException">The options cannot be right; the message says what to change.</exception>
    public UrlFetch(UrlFetchOptions options, TimeProvider clock)
        : this(options, clock, options.Proxy is { } proxy
            ? new FetchNetwork { Connect = (target, stop) => FetchNetwork.ConnectThroughAsync(proxy, target, stop) }
            : new FetchNetwork())
    {
    }

    internal UrlFetch(UrlFetchOptions options, TimeProvider clock, FetchNetwork network)
    {
        if (options.Fault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }

        _options = options;
        _clock = clock;
        _network = network;
    }

    public bool IsSwitchedOn => _options.AllowedHosts.Count > 0;

    /// <summary>Fetches one address. Throws for nothing but cancellation.</summary>
    public async Task<FetchOutcome> FetchAsync(string address, CancellationToken cancellationToken)
    {
        if (!IsSwitchedOn)
        {
            return Refused(FetchRefusal.SwitchedOff, "Fetching by address is off; name allowed hosts to switch it on.");
        }

        using var timeout = new CancellationTokenSource(_options.MaxTime, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            for (var redirects = 0; redirects <= _options.MaxRedirects; redirects++)
            {
                var hop = await FetchOnceAsync(address, either.Token);
                if (hop.Outcome is { } outcome)
                {
                    return outcome;
                }

                address = hop.RedirectedTo!;
            }

            return Refused(FetchRefusal.Redirected, "The address leads on to others more often than allowed.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Refused(FetchRefusal.TimedOut, "The host took longer than allowed.");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or SocketException)
        {
            return Refused(FetchRefusal.NoConnection, "The host was not reached, has no valid certificate, or broke off.");
        }
    }

    private async Task<Hop> FetchOnceAsync(string text, CancellationToken cancellationToken)
    {
        if (FetchAddress.Read(text, _options, out var address) is { } refused)
        {
            return new(refused);
        }

        var addresses = await ResolveAsync(address!.Host, cancellationToken);
        if (addresses.Length == 0)
        {
            return new(Refused(FetchRefusal.NameNotFound, "The host's name leads nowhere."));
        }

        // One private address among public ones is how a name is made to change under the feet of whoever looks twice.
        if (!addresses.All(PublicAddress.IsPublic))
        {
            return new(Refused(FetchRefusal.AddressNotPublic, "The host's name leads to an address that is not public."));
        }

        using var handler = HandlerFor([.. addresses.Select(checkedOne => new IPEndPoint(checkedOne, address.Port))]);
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Get, address.ToUri());
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
            && response.Headers.NonValidated.TryGetValues("Location", out var locations))
        {
            return new(null, address.Follow(locations.ToString()));
        }

        return response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentEncoding.Count == 0
            ? new(await ReadAsync(response.Content, cancellationToken))
            : new(Refused(FetchRefusal.UnexpectedAnswer, "The host did not answer with a plain file."));
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await _network.Resolve(host, cancellationToken);
        }
        catch (SocketException)
        {
            return [];
        }
    }

    /// <summary>A handler for one connection to a checked address, whatever the name would answer by now.</summary>
    private SocketsHttpHandler HandlerFor(IPEndPoint[] targets) => new()
    {
        ConnectCallback = async (_, cancellationToken) => await ConnectAsync(targets, cancellationToken),
        SslOptions = _network.Tls,
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = 16, // KiB
    };

    /// <summary>The first that answers: many hosts have an IPv6 address, and many networks no IPv6.</summary>
    private async Task<Stream> ConnectAsync(IPEndPoint[] targets, CancellationToken cancellationToken)
    {
        foreach (var target in targets[..^1])
        {
            try
            {
                return await _network.Connect(target, cancellationToken);
            }
            catch (Exception unreachable) when (unreachable is SocketException or IOException)
            {
                // The next one, then.
            }
        }

        return await _network.Connect(targets[^1], cancellationToken);
    }

    private async Task<FetchOutcome> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var tooLarge = Refused(FetchRefusal.TooLarge, "The file is larger than allowed.");
        if (content.Headers.ContentLength > _options.MaxBytes)
        {
            return tooLarge;
        }

        // The length is a claim; the count is what holds.
        using var kept = new MemoryStream();
        await using var body = await content.ReadAsStreamAsync(cancellationToken);
        var part = new byte[64 << 10];
        int read;
        while ((read = await body.ReadAsync(part, cancellationToken)) > 0)
        {
            if (kept.Length + read > _options.MaxBytes)
            {
                return tooLarge;
            }

            kept.Write(part, 0, read);
        }

        return new FetchOutcome.Fetched(kept.GetBuffer().AsMemory(0, (int)kept.Length));
    }

    private static FetchOutcome.Refused Refused(FetchRefusal reason, string detail) => new(reason, detail);

    /// <summary>One step: the end of it, or the address to which a redirect leads.</summary>
    private readonly record struct Hop(FetchOutcome? Outcome, string? RedirectedTo = null);
}
