using Palisade.Decoder.Contract;
using Palisade.Decoding;
using Palisade.Signals.Regions;

namespace Palisade.Scanning;

/// <summary>What is enrolled of a picture to recognise altered copies of it.</summary>
/// <param name="Codes">Null where there is too little texture in it.</param>
/// <param name="Map">Null where none was asked for.</param>
public sealed record PictureRegions(RegionCodes? Codes, AlteredMap? Map)
{
    /// <summary>Computes them in the sandbox. What cannot be read has none, as what has too little texture.</summary>
    public static Task<PictureRegions> FindAsync(
        ReadOnlyMemory<byte> bytes, RegionOptions options, DecoderPool decoder, CancellationToken cancellationToken) =>
        FindAsync(bytes, options, leftOut: null, decoder, cancellationToken);

    /// <inheritdoc cref="FindAsync(ReadOnlyMemory{byte}, RegionOptions, DecoderPool, CancellationToken)"/>
    /// <param name="leftOut">A part, such as a face, that neither codes nor map may describe.</param>
    public static async Task<PictureRegions> FindAsync(
        ReadOnlyMemory<byte> bytes,
        RegionOptions options,
        MarkedBox? leftOut,
        DecoderPool decoder,
        CancellationToken cancellationToken)
    {
        // The query is asked for its frame: where the trimmed picture lies in the whole.
        var parts = (options.Dense ? RegionParts.DenseCodes : RegionParts.Codes) |
            (options.Map ? RegionParts.Map : RegionParts.None) | (leftOut is null ? RegionParts.None : RegionParts.Query);
        if (await decoder.FindRegionsAsync(bytes, parts, cancellationToken) is not RegionOutcome.Found { Regions: var found })
        {
            return new PictureRegions(null, null);
        }

        var (codes, map) = (found.DenseCodes ?? found.Codes, found.Map);
        return leftOut is not { } box || found.Query is not { Frame: var frame }
            ? new PictureRegions(codes, map)
            : new PictureRegions(codes is null ? null : box.LeaveOut(codes, frame), map is null ? null : box.LeaveOut(map, frame));
    }
}
