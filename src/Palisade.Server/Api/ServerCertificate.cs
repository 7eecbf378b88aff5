using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Palisade.Server.Options;

namespace Palisade.Server.Api;

/// <summary>The certificate of the options, with whatever intermediate certificates its file holds.</summary>
internal static class ServerCertificate
{
    /// <exception cref="OptionsException">The files cannot be used; the message names the setting to change.</exception>
    public static void AddTo(HttpsConnectionAdapterOptions https, ListenOptions listen)
    {
        var file = listen.CertificateFile!;
        try
        {
            if (IsPkcs12(file))
            {
                var password = listen.CertificatePasswordFile is { } words ? File.ReadLines(words).FirstOrDefault() : null;
                var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password);
                https.ServerCertificate = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
                    ?? throw new CryptographicException("The file holds no private key.");
                https.ServerCertificateChain = all;
            }
            else
            {
                https.ServerCertificate = X509Certificate2.CreateFromPemFile(file, listen.CertificateKeyFile);
                https.ServerCertificateChain = [];
                https.ServerCertificateChain.ImportFromPemFile(file);
            }
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new OptionsException(
            [
                IsPkcs12(file)
                    ? $"listen.certificateFile {file} cannot be used as PKCS #12: check it and the first line of " +
                      $"listen.certificatePasswordFile. ({exception.Message})"
                    : $"listen.certificateFile {file} cannot be used as PEM: it needs the certificate first and its private " +
                      $"key, unencrypted, in the same file or in listen.certificateKeyFile. ({exception.Message})",
            ]);
        }
    }

    private static bool IsPkcs12(string file) =>
        file.EndsWith(".pfx", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".p12", StringComparison.OrdinalIgnoreCase);
}
