using System.Security.Cryptography;

namespace Palisade.Evidence;

/// <summary>
/// Evidence that lies sealed in the folder and has no row yet. Its data keys are here and nowhere else, so what is never
/// admitted can never be opened. Dispose it, admitted or not: that zeroes them.
/// </summary>
public sealed class StagedEvidence : IDisposable
{
    internal StagedEvidence(EvidenceId id, byte[] sha256, long sizeBytes)
    {
        Id = id;
        Sha256 = sha256;
        SizeBytes = sizeBytes;
    }

    public EvidenceId Id { get; }

    /// <summary>SHA-256 of the clear bytes. Secret: not to be stored or logged in clear.</summary>
    public byte[] Sha256 { get; }

    /// <summary>Size of the clear bytes.</summary>
    public long SizeBytes { get; }

    /// <summary>SHA-256 of the sealed file, which is also its name.</summary>
    public byte[] SealedSha256 { get; internal init; } = [];

    internal byte[] Header { get; init; } = [];

    internal byte[] SealedFacts { get; init; } = [];

    internal byte[] OriginalKey { get; init; } = [];

    internal byte[] FactsKey { get; init; } = [];

    /// <summary>The clock's timestamp, which no correction of the time of day moves.</summary>
    internal long StagedAt { get; init; }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(OriginalKey);
        CryptographicOperations.ZeroMemory(FactsKey);
    }
}
