using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Palisade.Tests.Fetching;

/// <summary>
/// A file host with a certificate of its own for <c>pictures.test</c> and all below it. It stands on this machine;
/// <see cref="TestNetwork"/> makes it look like a public one.
/// </summary>
internal sealed class PictureHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate = CreateCertificate();

    private PictureHost()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listener => listener.UseHttps(_certificate)));
        _app = builder.Build();
        _app.MapGet("/to", (HttpContext context, string location) =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = location;
        });
        _app.MapGet("/hops/{count:int}", (HttpContext context, int count, string location) => context.Response.Redirect(
            count == 0 ? location : $"/hops/{count - 1}?location={Uri.EscapeDataString(location)}"));
        _app.MapGet("/endless", WriteEndlesslyAsync);
        _app.MapGet("/silent", context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        _app.MapGet("/compressed", (HttpContext context) =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.WriteAsync("not really");
        });
        _app.MapGet("/headers", (HttpContext context) => string.Join('\n', context.Request.Headers.Keys.Order(StringComparer.Ordinal)));
        _app.MapGet("/{**path}", context => context.Response.WriteAsync(
            $"{context.Request.Host.Host}{context.Request.Path}{context.Request.QueryString}"));
    }

    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    public SslClientAuthenticationOptions Tls => new()
    {
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { _certificate },
            RevocationMode = X509RevocationMode.NoCheck,
        },
    };

    public static async Task<PictureHost> StartAsync()
    {
        var host = new PictureHost();
        await host._app.StartAsync();
        host.Address = new(IPAddress.Loopback, new Uri(host._app.Urls.Single()).Port);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private static async Task WriteEndlesslyAsync(HttpContext context)
    {
        var part = new byte[1 << 16];
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.Body.WriteAsync(part, context.RequestAborted);
        }
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=pictures.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("pictures.test");
        names.AddDnsName("*.pictures.test");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
