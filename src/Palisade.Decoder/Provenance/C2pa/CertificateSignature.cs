using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Palisade.Decoder.Provenance.C2pa;

/// <summary>
/// One step of a chain. The class library's own chains ask the user's stores on disk, which a worker cannot see.
/// </summary>
internal static class CertificateSignature
{
    private const string Pss = "1.2.840.113549.1.1.10";

    /// <summary>Basic constraints, key usage, extended key usage, alternative name, policies.</summary>
    private static readonly string[] Understood = ["2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.17", "2.5.29.32"];

    /// <summary>In its time, and with no critical extension that is not understood (RFC 5280, 4.2).</summary>
    public static bool IsUsableAt(X509Certificate2 certificate, DateTimeOffset moment) =>
        moment.UtcDateTime >= certificate.NotBefore.ToUniversalTime() &&
        moment.UtcDateTime <= certificate.NotAfter.ToUniversalTime() &&
        certificate.Extensions.All(extension =>
            !extension.Critical || Understood.Contains(extension.Oid?.Value, StringComparer.Ordinal));

    public static bool Fits(X509Certificate2 certificate, X509Certificate2 issuer)
    {
        try
        {
            var outer = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
            var signed = outer.ReadEncodedValue();
            var algorithm = outer.ReadSequence();
            var name = algorithm.ReadObjectIdentifier();
            var hash = HashOf(name == Pss ? PssHash(algorithm) : name);
            var signature = outer.ReadBitString(out _);
            return hash is { } known && Fits(name, known, signed.Span, signature, issuer);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return false;
        }
    }

    private static bool Fits(
        string algorithm, HashAlgorithmName hash, ReadOnlySpan<byte> signed, byte[] signature, X509Certificate2 issuer)
    {
        if (algorithm.StartsWith("1.2.840.10045.4.3.", StringComparison.Ordinal))
        {
            using var curve = issuer.GetECDsaPublicKey();
            return curve?.VerifyData(signed, signature, hash, DSASignatureFormat.Rfc3279DerSequence) ?? false;
        }

        using var key = RSA.Create();
        key.ImportRSAPublicKey(issuer.PublicKey.EncodedKeyValue.RawData, out _);
        return key.VerifyData(
            signed, signature, hash, algorithm == Pss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }

    /// <summary>The digest that RSASSA-PSS's parameters name (RFC 4055, 3.1); without one it would be SHA-1.</summary>
    private static string PssHash(AsnReader algorithm)
    {
        var parameters = algorithm.ReadSequence();
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        return parameters.HasData && parameters.PeekTag() == tag
            ? parameters.ReadSequence(tag).ReadSequence().ReadObjectIdentifier()
            : string.Empty;
    }

    private static HashAlgorithmName? HashOf(string oid) => oid switch
    {
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" or "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" or "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" or "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
        _ => null,
    };
}
