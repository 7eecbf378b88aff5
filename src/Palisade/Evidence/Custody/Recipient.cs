using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Palisade.Evidence.Custody;

/// <summary>Who can read what is released: nobody but this deployment, or the holder of a certificate's private key.</summary>
public abstract record Recipient
{
    private Recipient()
    {
    }

    /// <summary>As the release statement says it.</summary>
    public abstract string Words { get; }

    /// <summary>Originals leave as they lie, sealed. The packet proves and preserves them; it opens nothing.</summary>
    public sealed record Sealed : Recipient
    {
        public override string Words => "sealed";
    }

    /// <summary>Originals and facts are encrypted to a certificate with an RSA key.</summary>
    public sealed record Certificate : Recipient
    {
        private const int FewestKeyBits = 2048;

        private Certificate(X509Certificate2 loaded) => Loaded = loaded;

        public X509Certificate2 Loaded { get; }

        public override string Words => $"certificate sha256 {Convert.ToHexStringLower(Loaded.GetCertHash(HashAlgorithmName.SHA256))}";

        /// <param name="pemOrDer">The content of a certificate file.</param>
        /// <returns>The recipient, or why this certificate will not do, for a person.</returns>
        public static (Certificate? Recipient, string? Refusal) Read(ReadOnlySpan<byte> pemOrDer, DateTimeOffset now)
        {
            X509Certificate2 certificate;
            try
            {
                certificate = pemOrDer.StartsWith("-----BEGIN"u8)
                    ? X509Certificate2.CreateFromPem(System.Text.Encoding.ASCII.GetString(pemOrDer))
                    : X509CertificateLoader.LoadCertificate(pemOrDer);
            }
            catch (CryptographicException)
            {
                return (null, "This is no X.509 certificate. Ask the recipient for one as PEM or DER.");
            }

            if (Refuse(certificate, now) is { } refusal)
            {
                certificate.Dispose();
                return (null, refusal);
            }

            return (new Certificate(certificate), null);
        }

        private static string? Refuse(X509Certificate2 certificate, DateTimeOffset now)
        {
            using var key = certificate.GetRSAPublicKey();
            if (key is null)
            {
                return "The certificate's key is not RSA, which is the kind that every recipient's tool opens. Ask for another certificate.";
            }

            if (key.KeySize < FewestKeyBits)
            {
                return $"The certificate's RSA key has fewer than {FewestKeyBits} bits. Ask for another certificate.";
            }

            if (now.UtcDateTime < certificate.NotBefore.ToUniversalTime() || now.UtcDateTime > certificate.NotAfter.ToUniversalTime())
            {
                return "The certificate has expired or is not valid yet. Ask the recipient for a current one.";
            }

            var usage = certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault();
            return usage is not null && !usage.KeyUsages.HasFlag(X509KeyUsageFlags.KeyEncipherment)
                ? "The certificate is not made for encrypting keys (key usage). Ask the recipient for an encryption certificate."
                : null;
        }
    }
}
