using System.Security.Cryptography;

namespace Palisade.Decoder.Provenance.C2pa;

/// <summary>The digests that C2PA allows (specification 2.2, 13.1).</summary>
internal static class Digests
{
    public static IncrementalHash? Begin(string? algorithm) => algorithm switch
    {
        "sha256" => IncrementalHash.CreateHash(HashAlgorithmName.SHA256),
        "sha384" => IncrementalHash.CreateHash(HashAlgorithmName.SHA384),
        "sha512" => IncrementalHash.CreateHash(HashAlgorithmName.SHA512),
        _ => null,
    };

    /// <summary>Null where the algorithm is none of those.</summary>
    public static bool? Fits(string? algorithm, ReadOnlySpan<byte> bytes, ReadOnlyMemory<byte>? expected)
    {
        using var digest = Begin(algorithm);
        if (digest is null)
        {
            return null;
        }

        digest.AppendData(bytes);
        return expected is { } hash && digest.GetHashAndReset().AsSpan().SequenceEqual(hash.Span);
    }
}
