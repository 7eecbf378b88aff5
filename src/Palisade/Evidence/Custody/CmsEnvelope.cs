using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Palisade.Evidence.Custody;

/// <summary>
/// Encrypts bytes to a certificate as they come: CMS EnvelopedData (RFC 5652) in DER with AES-256-CBC, its key by RSAES-OAEP
/// with SHA-256 (RFC 8017, RFC 4055). Opened with <c>openssl cms -decrypt -inform DER</c>. Holds no more than a block.
/// </summary>
/// <remarks>
/// The framework's own writer holds the whole content three times, and it knows no authenticated mode either. CBC does not
/// notice changes, so the packet's manifest must be checked first: it has the SHA-256 of this file.
/// </remarks>
internal sealed class CmsEnvelope : Stream
{
    private const string EnvelopedData = "1.2.840.113549.1.7.3";
    private const string PlainData = "1.2.840.113549.1.7.1";
    private const string Aes256Cbc = "2.16.840.1.101.3.4.1.42";
    private const string RsaesOaep = "1.2.840.113549.1.1.7";
    private const string Mgf1 = "1.2.840.113549.1.1.8";
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const int AesBlockBytes = 16;

    private readonly ICryptoTransform _encryptor;
    private readonly CryptoStream _encrypting;
    private readonly long _sizeBytes;
    private long _written;

    /// <param name="destination">Gets the envelope; stays the caller's to close.</param>
    /// <param name="sizeBytes">How many clear bytes will be written, since DER says lengths first.</param>
    public CmsEnvelope(Stream destination, X509Certificate2 recipient, long sizeBytes)
    {
        _sizeBytes = sizeBytes;
        using var aes = Aes.Create();
        aes.KeySize = 256;
        aes.Mode = CipherMode.CBC;
        aes.Padding = PaddingMode.PKCS7;
        destination.Write(Header(aes, recipient, sizeBytes));
        _encryptor = aes.CreateEncryptor();
        _encrypting = new CryptoStream(destination, _encryptor, CryptoStreamMode.Write, leaveOpen: true);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _written; set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _written += buffer.Length;
        _encrypting.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _written += buffer.Length;
        return _encrypting.WriteAsync(buffer, cancellationToken);
    }

    /// <summary>Writes the end.</summary>
    /// <exception cref="InvalidDataException">Another number of bytes came than was announced.</exception>
    public void Complete()
    {
        if (_written != _sizeBytes)
        {
            throw new InvalidDataException($"{_written} bytes came instead of {_sizeBytes}, so the envelope is not valid.");
        }

        _encrypting.FlushFinalBlock();
    }

    public override void Flush() => _encrypting.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // Closing the inner stream would write a last block and make a torn envelope look whole to some readers.
        _encryptor.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Everything before the encrypted bytes.</summary>
    private static byte[] Header(Aes aes, X509Certificate2 recipient, long sizeBytes)
    {
        var contentBytes = ((sizeBytes / AesBlockBytes) + 1) * AesBlockBytes;
        byte[] contentTag = [0x80, .. LengthOf(contentBytes)];
        var inner = Encoded(writer =>
        {
            writer.WriteObjectIdentifier(PlainData);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Aes256Cbc);
                writer.WriteOctetString(aes.IV);
            }
        });
        byte[] content = [0x30, .. LengthOf(inner.Length + contentTag.Length + contentBytes), .. inner, .. contentTag];
        byte[] version = [0x02, 0x01, 0x00];
        var recipients = Encoded(writer =>
        {
            using (writer.PushSetOf())
            {
                WriteRecipient(writer, recipient, aes.Key);
            }
        });
        var enveloped = version.Length + recipients.Length + content.Length + contentBytes;
        byte[] envelope = [0x30, .. LengthOf(enveloped), .. version, .. recipients, .. content];
        byte[] explicitTag = [0xA0, .. LengthOf(envelope.Length + contentBytes), .. envelope];
        var type = Encoded(writer => writer.WriteObjectIdentifier(EnvelopedData));
        return [0x30, .. LengthOf(type.Length + explicitTag.Length + contentBytes), .. type, .. explicitTag];
    }

    /// <summary>KeyTransRecipientInfo by issuer and serial number (RFC 5652, section 6.2.1).</summary>
    private static void WriteRecipient(AsnWriter writer, X509Certificate2 recipient, byte[] contentKey)
    {
        using var rsa = recipient.GetRSAPublicKey()!;
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(recipient.IssuerName.RawData);
                writer.WriteInteger(recipient.SerialNumberBytes.Span);
            }

            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(RsaesOaep);
                WriteOaepParameters(writer);
            }

            writer.WriteOctetString(rsa.Encrypt(contentKey, RSAEncryptionPadding.OaepSHA256));
        }

        CryptographicOperations.ZeroMemory(contentKey);
    }

    private static void WriteOaepParameters(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true)))
            {
                WriteSha256(writer);
            }

            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1, isConstructed: true)))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Mgf1);
                WriteSha256(writer);
            }
        }
    }

    private static void WriteSha256(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Sha256);
            writer.WriteNull();
        }
    }

    private static byte[] Encoded(Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        write(writer);
        return writer.Encode();
    }

    /// <summary>A length in DER: one byte under 128, else how many bytes and then they, most significant first.</summary>
    private static byte[] LengthOf(long length)
    {
        if (length < 0x80)
        {
            return [(byte)length];
        }

        var bytes = new List<byte>();
        for (var rest = length; rest > 0; rest >>= 8)
        {
            bytes.Insert(0, (byte)rest);
        }

        return [(byte)(0x80 | bytes.Count), .. bytes];
    }
}
