using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Palisade.Decoder.Provenance.C2pa;

/// <summary>The COSE_Sign1 of a claim (RFC 9052, 4.4): who signed, whether it fits, and when.</summary>
internal sealed class ClaimSignature
{
    private const int MaxCertificates = 16;
    private const int MaxCertificateBytes = 16 << 10;
    private const long AlgorithmHeader = 1;
    private const long ChainHeader = 33;

    public string? Algorithm { get; private set; }

    public string? Signer { get; private set; }

    public string? SignerName { get; private set; }

    public DateTimeOffset? StampedAt { get; private set; }

    public bool IsTrusted { get; private set; }

    public static ClaimSignature Check(Manifest manifest, CertificateTrust trust, DateTimeOffset now, Verdicts verdicts)
    {
        var result = new ClaimSignature();
        var boxes = manifest.Box.Boxes.Where(box => box.Type == "c2cs").ToList();
        if (boxes.Count != 1)
        {
            verdicts.Fail("claimSignature.missing");
            return result;
        }

        var chain = new List<X509Certificate2>();
        try
        {
            result.Check(boxes[0].Content, manifest.ClaimBox.Content, chain, trust, now, verdicts);
        }
        catch (InvalidDataException)
        {
            verdicts.Fail("claimSignature.mismatch");
        }
        catch (CryptographicException)
        {
            verdicts.Fail("signingCredential.invalid");
        }
        finally
        {
            chain.ForEach(certificate => certificate.Dispose());
        }

        return result;
    }

    private void Check(
        ReadOnlyMemory<byte> box, ReadOnlyMemory<byte> claim, List<X509Certificate2> chain, CertificateTrust trust,
        DateTimeOffset now, Verdicts verdicts)
    {
        if (Cbor.Read(box) is not List<object?> { Count: 4 } cose || cose[0] is not ReadOnlyMemory<byte> protectedBytes ||
            cose[3] is not ReadOnlyMemory<byte> signature)
        {
            throw new InvalidDataException();
        }

        var headers = protectedBytes.IsEmpty ? null : Cbor.Read(protectedBytes);
        ReadChain(headers.At(ChainHeader) ?? headers.At("x5chain") ?? cose[1].At(ChainHeader) ?? cose[1].At("x5chain"), chain);
        if (chain.Count == 0)
        {
            verdicts.Fail("signingCredential.invalid");
            return;
        }

        var leaf = chain[0];
        Signer = Named(leaf, "2.5.4.10") ?? Named(leaf, "2.5.4.3");
        SignerName = Named(leaf, "2.5.4.3");
        var signed = SignedBytes("Signature1", protectedBytes, claim);
        var (name, fits) = Verify(headers.NumberAt(AlgorithmHeader), leaf, signed, signature.ToArray());
        Algorithm = name;
        if (fits is null)
        {
            verdicts.Fail("algorithm.unsupported");
            return;
        }

        verdicts.Note(fits.Value, "claimSignature.validated", "claimSignature.mismatch");
        if (!CertificateTrust.MaySign(leaf))
        {
            verdicts.Fail("signingCredential.invalid");
        }

        var isStampTrusted = CheckStamp(cose[1], protectedBytes, claim, signature, trust, verdicts);
        JudgeCredential(leaf, chain, isStampTrusted, trust, now, verdicts);
    }

    /// <summary>
    /// By the time of a stamp that is trusted, else by now. A stamp that fits but whose authority is unknown keeps an expired
    /// certificate's claim consistent; it never makes it trusted.
    /// </summary>
    private void JudgeCredential(
        X509Certificate2 leaf, List<X509Certificate2> chain, bool isStampTrusted, CertificateTrust trust, DateTimeOffset now,
        Verdicts verdicts)
    {
        var moment = isStampTrusted ? StampedAt!.Value : now;
        var consistent = StampedAt ?? now;
        if (!IsWithin(leaf, moment))
        {
            if (IsWithin(leaf, consistent))
            {
                verdicts.Note("signingCredential.expired");
            }
            else
            {
                verdicts.Fail("signingCredential.expired");
            }
        }

        IsTrusted = trust.TrustsSigner(leaf, chain.Skip(1), moment);
        verdicts.Note(IsTrusted ? "signingCredential.trusted" : "signingCredential.untrusted");
    }

    private bool CheckStamp(
        object? unprotected, ReadOnlyMemory<byte> protectedBytes, ReadOnlyMemory<byte> claim,
        ReadOnlyMemory<byte> signature, CertificateTrust trust, Verdicts verdicts)
    {
        var isSecond = unprotected.At("sigTst2") is not null;
        var stamps = unprotected.At(isSecond ? "sigTst2" : "sigTst").ListAt("tstTokens");
        if (stamps.FirstOrDefault().BytesAt("val") is not { } bytes)
        {
            return false;
        }

        var data = isSecond ? CborBytes(signature) : SignedBytes("CounterSignature", protectedBytes, claim);
        try
        {
            if (!Rfc3161TimestampToken.TryDecode(isSecond ? bytes : TokenOf(bytes), out var token, out _) ||
                !token.VerifySignatureForData(data, out var stamper))
            {
                verdicts.Note("timeStamp.mismatch");
                return false;
            }

            StampedAt = token.TokenInfo.Timestamp;
            verdicts.Note("timeStamp.validated");
            var others = token.AsSignedCms().Certificates;
            var isTrusted = trust.TrustsStamper(stamper, others, StampedAt.Value);
            verdicts.Note(isTrusted ? "timeStamp.trusted" : "timeStamp.untrusted");
            return isTrusted;
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            verdicts.Note("timeStamp.malformed");
            return false;
        }
    }

    /// <summary>The token inside a TimeStampResp (RFC 3161, 2.4.2).</summary>
    private static ReadOnlyMemory<byte> TokenOf(ReadOnlyMemory<byte> response)
    {
        var reader = new AsnReader(response, AsnEncodingRules.BER).ReadSequence();
        reader.ReadSequence();
        return reader.HasData ? reader.ReadEncodedValue() : response;
    }

    private static void ReadChain(object? value, List<X509Certificate2> chain)
    {
        var certificates = value is ReadOnlyMemory<byte> one ? [one] : value as List<object?> ?? [];
        foreach (var bytes in certificates.OfType<ReadOnlyMemory<byte>>().Take(MaxCertificates))
        {
            if (bytes.Length > MaxCertificateBytes)
            {
                throw new InvalidDataException();
            }

            chain.Add(X509CertificateLoader.LoadCertificate(bytes.Span));
        }
    }

    private static (string? Name, bool? Fits) Verify(long? algorithm, X509Certificate2 leaf, byte[] signed, byte[] signature)
    {
        switch (algorithm)
        {
            case -7 or -35 or -36:
                var (name, hash) = algorithm switch
                {
                    -7 => ("Es256", HashAlgorithmName.SHA256),
                    -35 => ("Es384", HashAlgorithmName.SHA384),
                    _ => ("Es512", HashAlgorithmName.SHA512),
                };
                using (var key = leaf.GetECDsaPublicKey())
                {
                    return (name, key?.VerifyData(signed, signature, hash) ?? false);
                }

            case -37 or -38 or -39:
                (name, hash) = algorithm switch
                {
                    -37 => ("Ps256", HashAlgorithmName.SHA256),
                    -38 => ("Ps384", HashAlgorithmName.SHA384),
                    _ => ("Ps512", HashAlgorithmName.SHA512),
                };
                using (var key = RSA.Create())
                {
                    // A key typed RSASSA-PSS is not handed out by the certificate itself.
                    key.ImportRSAPublicKey(leaf.PublicKey.EncodedKeyValue.RawData, out _);
                    return key.KeySize is < 2048 or > 16384
                        ? (name, false)
                        : (name, key.VerifyData(signed, signature, hash, RSASignaturePadding.Pss));
                }

            default:
                return (null, null);
        }
    }

    private static byte[] SignedBytes(string context, ReadOnlyMemory<byte> protectedBytes, ReadOnlyMemory<byte> claim)
    {
        var text = System.Text.Encoding.ASCII.GetBytes(context);
        return [0x84, (byte)(0x60 + text.Length), .. text, .. CborBytes(protectedBytes), 0x40, .. CborBytes(claim)];
    }

    private static byte[] CborBytes(ReadOnlyMemory<byte> bytes)
    {
        var length = bytes.Length;
        byte[] head = length switch
        {
            < 24 => [(byte)(0x40 + length)],
            < 256 => [0x58, (byte)length],
            < 65536 => [0x59, (byte)(length >> 8), (byte)length],
            _ => [0x5A, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length],
        };
        return [.. head, .. bytes.Span];
    }

    private static bool IsWithin(X509Certificate2 leaf, DateTimeOffset moment) =>
        moment >= new DateTimeOffset(leaf.NotBefore.ToUniversalTime()) && moment <= new DateTimeOffset(leaf.NotAfter.ToUniversalTime());

    private static string? Named(X509Certificate2 certificate, string oid) => certificate.SubjectName
        .EnumerateRelativeDistinguishedNames()
        .FirstOrDefault(part => !part.HasMultipleElements && part.GetSingleElementType().Value == oid)
        ?.GetSingleElementValue();
}
