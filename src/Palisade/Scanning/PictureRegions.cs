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
    public static async Task<PictureRegions> FindAsync(
        ReadOnlyMemory<byte> bytes, RegionOptions options, DecoderPool decoder, CancellationToken cancellationToken)
    {
        var parts = (options.Dense ? RegionParts.DenseCodes : RegionParts.Codes) | (options.Map ? RegionParts.Map : RegionParts.None);
        return await decoder.FindRegionsAsync(bytes, parts, cancellationToken) is RegionOutcome.Found { Regions: var found }
            ? new PictureRegions(found.DenseCodes ?? found.Codes, found.Map)
            : new PictureRegions(null, null);
    }
}
