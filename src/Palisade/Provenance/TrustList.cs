using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Palisade.Decoder.Contract;

namespace Palisade.Provenance;

/// <summary>
/// The certificates whose word on a picture's origin the operator trusts. None is built in: a list that nobody keeps would
/// trust those whom the field has dropped.
/// </summary>
public sealed class TrustList
{
    private TrustList(ReadOnlyMemory<byte> anchors, int signers, int stampers)
    {
        Anchors = anchors;
        Signers = signers;
        TimeStampers = stampers;
    }

    public static TrustList Empty { get; } = new(default, 0, 0);

    public int Signers { get; }

    public int TimeStampers { get; }

    /// <summary>As a <see cref="ProvenanceRequest"/> carries them.</summary>
    public ReadOnlyMemory<byte> Anchors { get; }

    /// <summary>Reads PEM files: of those who sign claims, and of those who stamp the time.</summary>
    /// <exception cref="IOException">A file cannot be read, or is no list of certificates; the text says which.</exception>
    public static TrustList Read(string? signersFile, string? timeStampersFile)
    {
        var anchors = new List<byte>();
        var signers = Add(signersFile, use: 0, anchors);
        var stampers = Add(timeStampersFile, use: 1, anchors);
        return anchors.Count <= ProvenanceRequest.MaxAnchorBytes
            ? new TrustList(anchors.ToArray(), signers, stampers)
            : throw new IOException(
                $"The trust list has {anchors.Count} bytes of certificates; at most {ProvenanceRequest.MaxAnchorBytes} are used.");
    }

    private static int Add(string? path, byte use, List<byte> anchors)
    {
        if (path is null)
        {
            return 0;
        }

        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (CryptographicException e)
        {
            throw new IOException($"{path} is no list of certificates; write them in PEM, one below the other.", e);
        }

        if (certificates.Count == 0)
        {
            throw new IOException($"{path} holds no certificate; write them in PEM, one below the other.");
        }

        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var certificate in certificates)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, certificate.RawDataMemory.Length);
            anchors.Add(use);
            anchors.AddRange(length);
            anchors.AddRange(certificate.RawDataMemory.Span);
            certificate.Dispose();
        }

        return certificates.Count;
    }
}
