using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Palisade.Decoder.Provenance.C2pa;

/// <summary>The anchors of one request, and whether a certificate hangs on one (RFC 5280, offline).</summary>
internal sealed class CertificateTrust : IDisposable
{
    private const int MaxDepth = 8;
    private const int MaxHelpers = 16;
    private const string AnyUse = "2.5.29.37.0";

    /// <summary>C2PA claim signing, e-mail protection, document signing, Microsoft's C2PA (specification 2.2, 14.5.1).</summary>
    private static readonly string[] SigningUses =
        ["1.3.6.1.4.1.62558.2.1", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.311.76.59.1.9"];

    private readonly X509Certificate2Collection _signers = [];
    private readonly X509Certificate2Collection _stampers = [];

    public static CertificateTrust Read(ReadOnlySpan<byte> anchors)
    {
        var trust = new CertificateTrust();
        while (anchors.Length >= 5)
        {
            var (use, length) = (anchors[0], BinaryPrimitives.ReadInt32LittleEndian(anchors[1..]));
            if (length < 0 || length > anchors.Length - 5)
            {
                break;
            }

            var certificate = X509CertificateLoader.LoadCertificate(anchors.Slice(5, length));
            (use == 1 ? trust._stampers : trust._signers).Add(certificate);
            anchors = anchors[(5 + length)..];
        }

        return trust;
    }

    public bool TrustsSigner(X509Certificate2 leaf, IEnumerable<X509Certificate2> others, DateTimeOffset moment) =>
        HangsOn(_signers, leaf, others, moment);

    public bool TrustsStamper(X509Certificate2 leaf, IEnumerable<X509Certificate2> others, DateTimeOffset moment) =>
        HangsOn(_stampers, leaf, others, moment);

    /// <summary>A leaf that may sign claims at all: digitalSignature, a known purpose, no authority.</summary>
    public static bool MaySign(X509Certificate2 leaf)
    {
        var uses = leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .SelectMany(extension => extension.EnhancedKeyUsages.Cast<Oid>()).Select(oid => oid.Value).ToList();
        var keyUsage = leaf.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault();
        var isAuthority = leaf.Extensions.OfType<X509BasicConstraintsExtension>().Any(basic => basic.CertificateAuthority);
        return !isAuthority && keyUsage?.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature) == true &&
            !uses.Contains(AnyUse) && uses.Any(use => SigningUses.Contains(use, StringComparer.Ordinal));
    }

    public void Dispose()
    {
        foreach (var certificate in _signers.Concat(_stampers))
        {
            certificate.Dispose();
        }
    }

    /// <summary>Walks from the leaf up, through what the file brings along, to an anchor; no store and no network is asked.</summary>
    private static bool HangsOn(
        X509Certificate2Collection anchors, X509Certificate2 leaf, IEnumerable<X509Certificate2> others, DateTimeOffset moment)
    {
        var helpers = others.Take(MaxHelpers).ToList();
        var current = leaf;
        for (var depth = 0; depth < MaxDepth && CertificateSignature.IsUsableAt(current, moment); depth++)
        {
            if (anchors.Any(anchor => anchor.RawDataMemory.Span.SequenceEqual(current.RawDataMemory.Span) ||
                IsIssuedBy(current, anchor, depth, moment)))
            {
                return true;
            }

            if (helpers.FirstOrDefault(helper => IsIssuedBy(current, helper, depth, moment)) is not { } next)
            {
                return false;
            }

            current = next;
        }

        return false;
    }

    private static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 issuer, int depth, DateTimeOffset moment)
    {
        var basic = issuer.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault();
        var usage = issuer.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault();
        return certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer.SubjectName.RawData) &&
            basic is { CertificateAuthority: true } && (!basic.HasPathLengthConstraint || basic.PathLengthConstraint >= depth) &&
            usage?.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign) != false &&
            CertificateSignature.IsUsableAt(issuer, moment) && CertificateSignature.Fits(certificate, issuer);
    }
}
