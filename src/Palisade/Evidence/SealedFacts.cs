using System.Security.Cryptography;
using System.Text.Json;

namespace Palisade.Evidence;

/// <summary>The facts as they are sealed: with the digest and size that we took ourselves in the sealing pass.</summary>
/// <param name="Sha256">Of the clear bytes.</param>
internal sealed record SealedFacts(byte[] Sha256, long SizeBytes, EvidenceFacts Facts)
{
    public static byte[] Seal(EvidenceId id, SealedFacts facts, ReadOnlySpan<byte> dataKey)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(facts, JsonSerializerOptions.Web);
        using var container = new MemoryStream(json.Length + (2 * SealedHeader.SizeBytes));
        using var writer = new SealedWriter(
            container, new SealedHeader(id, SealedPurpose.Facts, SealedHeader.UsualChunkBytes), dataKey);
        writer.Write(json);
        writer.Complete();
        CryptographicOperations.ZeroMemory(json);
        return container.ToArray();
    }

    /// <exception cref="EvidenceDamagedException">They are not what was sealed.</exception>
    public static async Task<SealedFacts> OpenAsync(
        EvidenceId id, byte[] container, byte[] dataKey, CancellationToken cancellationToken)
    {
        using var source = new MemoryStream(container, writable: false);
        using var reader = await SealedReader.OpenAsync(source, dataKey, id, SealedPurpose.Facts, header: null, cancellationToken);
        using var json = new MemoryStream(container.Length);
        while (await reader.ReadAsync(cancellationToken))
        {
            json.Write(reader.Chunk.Span);
        }

        return JsonSerializer.Deserialize<SealedFacts>(json.GetBuffer().AsSpan(0, (int)json.Length), JsonSerializerOptions.Web)
               ?? throw new EvidenceDamagedException(id, "its facts are empty");
    }
}
