using System.Net;

namespace Palisade.Server.Options;

/// <summary>On which address the service answers, and what protects the way to it.</summary>
public sealed record ListenOptions
{
    /// <summary>
    /// Scheme, address and port, such as <c>http://127.0.0.1:8080</c> (the default) or <c>https://0.0.0.0:8443</c>.
    /// Port 0 takes a free one.
    /// </summary>
    public string Url { get; init; } = "http://127.0.0.1:8080";

    /// <summary>Certificate for https: a PEM file with its chain, or a PKCS #12 file (.pfx, .p12).</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The PEM file of the private key, when the certificate is PEM and does not hold it.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <summary>A file whose first line opens the PKCS #12 file.</summary>
    public string? CertificatePasswordFile { get; init; }

    /// <summary>
    /// The address of the proxy that ends TLS in front of this service. Naming it permits http on an address that others
    /// can reach; calls from anywhere but this address and loopback are then refused, and its X-Forwarded-For is believed.
    /// </summary>
    public string? TrustedProxy { get; init; }

    /// <summary>
    /// A second url for /metrics alone, such as <c>http://127.0.0.1:9090</c>. Without it /metrics answers loopback callers
    /// on the main url; behind a proxy, where everybody may seem to be loopback, it then answers nobody.
    /// </summary>
    public string? MetricsUrl { get; init; }

    internal IEnumerable<string> Faults()
    {
        if (EndPoint(Url) is not { } main)
        {
            yield return "listen.url must be http:// or https:// with an address in numbers (or localhost) and a port, " +
                         "such as http://127.0.0.1:8080.";
            yield break;
        }

        if (IsHttps(Url) && CertificateFile is null)
        {
            yield return "listen.url says https, so listen.certificateFile must name a certificate.";
        }

        foreach (var (name, file) in new[]
                 {
                     ("certificateFile", CertificateFile), ("certificateKeyFile", CertificateKeyFile),
                     ("certificatePasswordFile", CertificatePasswordFile),
                 })
        {
            if (file is not null && !File.Exists(file))
            {
                yield return $"listen.{name}: there is no such file, or it may not be read.";
            }
        }

        if (TrustedProxy is not null && !IPAddress.TryParse(TrustedProxy, out _))
        {
            yield return "listen.trustedProxy must be one address in numbers, such as 10.0.0.2.";
        }

        if (!IsHttps(Url) && !IPAddress.IsLoopback(main.Address) && TrustedProxy is null)
        {
            yield return "listen.url can be reached from outside and has no TLS. Use https with listen.certificateFile, or " +
                         "name the proxy that ends TLS in listen.trustedProxy, or listen on 127.0.0.1.";
        }

        if (MetricsUrl is not null && (EndPoint(MetricsUrl) is null || IsHttps(MetricsUrl)))
        {
            yield return "listen.metricsUrl must be http:// with an address in numbers and a port, such as http://127.0.0.1:9090.";
        }
    }

    internal static bool IsHttps(string url) => url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>The address and port of a url of ours; null when it is none.</summary>
    internal static IPEndPoint? EndPoint(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") ||
            uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
        {
            return null;
        }

        return uri.Host == "localhost" ? new IPEndPoint(IPAddress.Loopback, uri.Port)
            : IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) ? new IPEndPoint(address, uri.Port)
            : null;
    }
}
