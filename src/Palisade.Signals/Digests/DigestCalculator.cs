using System.Security.Cryptography;

namespace Palisade.Signals.Digests;

/// <summary>Computes the three digests of a file while its bytes pass by.</summary>
/// <remarks>
/// MD5 and SHA-1 are computed because that is what the field's lists carry, for equality with a listed file and
/// nothing else: both can be made to collide on purpose. Source: RFC 1321, FIPS 180-4.
/// </remarks>
public sealed class DigestCalculator : IDisposable
{
    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private readonly IncrementalHash _sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Adds the next bytes of the file.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _md5.AppendData(bytes);
        _sha1.AppendData(bytes);
        _sha256.AppendData(bytes);
    }

    /// <summary>The digests of all bytes so far; the calculator begins anew.</summary>
    public FileDigests Finish() => new(
        Finish(_md5, DigestType.Md5), Finish(_sha1, DigestType.Sha1), Finish(_sha256, DigestType.Sha256));

    /// <summary>The digests of bytes that are all there.</summary>
    public static FileDigests Compute(ReadOnlySpan<byte> bytes) => ComputeBeside(ComputeSha256(bytes), bytes);

    /// <summary>The one digest that two files cannot be made to share.</summary>
    public static Digest ComputeSha256(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return new Digest(DigestType.Sha256, digest);
    }

    /// <summary>MD5 and SHA-1 of bytes whose SHA-256 is known.</summary>
    public static FileDigests ComputeBeside(in Digest sha256, ReadOnlySpan<byte> bytes)
    {
        // Weak for signatures, and no signature is made here: the lists to compare with carry them.
#pragma warning disable CA5350, CA5351
        Span<byte> digest = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(bytes, digest);
        var sha1 = new Digest(DigestType.Sha1, digest);

        digest = digest[..MD5.HashSizeInBytes];
        MD5.HashData(bytes, digest);
        var md5 = new Digest(DigestType.Md5, digest);
#pragma warning restore CA5350, CA5351

        return new FileDigests(md5, sha1, sha256);
    }

    public void Dispose()
    {
        _md5.Dispose();
        _sha1.Dispose();
        _sha256.Dispose();
    }

    private static Digest Finish(IncrementalHash hash, DigestType type)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        var size = hash.GetHashAndReset(digest);
        return new Digest(type, digest[..size]);
    }
}
