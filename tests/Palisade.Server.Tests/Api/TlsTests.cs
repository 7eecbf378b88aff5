using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Palisade.Server.Options;
using Palisade.Server.Tests.Cli;

namespace Palisade.Server.Tests.Api;

public sealed class TlsTests : IDisposable
{
    private const string Password = "correct horse";

    private readonly TemporaryFolder _folder = new();
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;
    private readonly X509Certificate2 _server;

    public TlsTests()
    {
        _root = Issue("palisade test root", issuer: null, isAuthority: true);
        _intermediate = Issue("palisade test intermediate", _root, isAuthority: true);
        _server = Issue("localhost", _intermediate, isAuthority: false);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _root.Dispose();
        _intermediate.Dispose();
        _server.Dispose();
    }

    [Theory]
    [InlineData("one PEM file")]
    [InlineData("two PEM files")]
    [InlineData("PKCS #12")]
    public async Task A_certificate_serves_https_with_the_intermediate_that_leads_to_its_root(string kind)
    {
        var listen = Write(kind);
        await using var service = await RunningService.StartAsync(options => options with { Listen = listen });
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = OnlyTheRootIsTrusted();
        using var client = new HttpClient(handler);

        using var answer = await client.GetAsync(new Uri(service.Address, "/healthz"), TestContext.Current.CancellationToken);

        Assert.Equal("https", service.Address.Scheme);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("wrong password", "listen.certificatePasswordFile")]
    [InlineData("no key", "listen.certificateKeyFile")]
    public async Task A_certificate_that_cannot_be_used_says_which_setting_to_change(string kind, string setting)
    {
        var listen = Write(kind);

        var refused = await Assert.ThrowsAsync<OptionsException>(
            () => RunningService.StartAsync(options => options with { Listen = listen }, folder: _folder["data"]));

        Assert.Contains(setting, refused.Message, StringComparison.Ordinal);
    }

    private ListenOptions Write(string kind)
    {
        var listen = new ListenOptions { Url = "https://127.0.0.1:0", CertificateFile = _folder["server.pem"] };
        var key = _server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        var chain = $"{_server.ExportCertificatePem()}\n{_intermediate.ExportCertificatePem()}\n";
        switch (kind)
        {
            case "one PEM file":
                File.WriteAllText(listen.CertificateFile, chain + key);
                return listen;
            case "two PEM files":
                File.WriteAllText(listen.CertificateFile, chain);
                File.WriteAllText(_folder["server.key"], key);
                return listen with { CertificateKeyFile = _folder["server.key"] };
            case "no key":
                File.WriteAllText(listen.CertificateFile, chain);
                return listen;
            default:
                X509Certificate2Collection all = [_server, X509CertificateLoader.LoadCertificate(_intermediate.RawData)];
                File.WriteAllBytes(_folder["server.pfx"], all.Export(X509ContentType.Pkcs12, Password)!);
                File.WriteAllText(_folder["password"], (kind == "wrong password" ? "battery staple" : Password) + "\n");
                return listen with { CertificateFile = _folder["server.pfx"], CertificatePasswordFile = _folder["password"] };
        }
    }

    private X509ChainPolicy OnlyTheRootIsTrusted() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { _root },
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    private static X509Certificate2 Issue(string name, X509Certificate2? issuer, bool isAuthority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        if (!isAuthority)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }

        var (from, until) = (TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        if (issuer is null)
        {
            return request.CreateSelfSigned(from, until);
        }

        using var certificate = request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!), from, until,
            RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
