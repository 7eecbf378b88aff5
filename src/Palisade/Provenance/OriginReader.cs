using Palisade.Decoder.Contract;
using Palisade.Decoding;

namespace Palisade.Provenance;

/// <summary>Reads the declared origin of uploads, by the operator's trust list and this moment.</summary>
public sealed class OriginReader(DecoderPool decoders, TrustList trust, TimeProvider clock)
{
    /// <param name="withPixels">Whether the pixels are decoded and looked at too, for hidden text and open watermarks.</param>
    /// <returns>Null where the file could not be read, which says nothing of its origin.</returns>
    /// <exception cref="DecoderBusyException">The queue is full. It is no verdict: try again.</exception>
    public async Task<Origin?> ReadAsync(ReadOnlyMemory<byte> upload, bool withPixels, CancellationToken cancellationToken)
    {
        var request = new ProvenanceRequest(withPixels, clock.GetUtcNow().ToUnixTimeMilliseconds(), trust.Anchors);
        return await decoders.ReadProvenanceAsync(upload, request, cancellationToken) is ProvenanceOutcome.Read { Answer: var answer }
            ? Origin.Of(answer)
            : null;
    }
}
