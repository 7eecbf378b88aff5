using Palisade.Signals.Pdq;

namespace Palisade.Server.Cli;

/// <summary>One side of a comparison: a picture's fingerprints, or a hash that somebody typed.</summary>
internal sealed record Compared(string Name)
{
    /// <summary>Fingerprint in the full profile; null for a typed hash.</summary>
    public PdqFingerprint? Full { get; init; }

    public PdqFingerprint? Nn512 { get; init; }

    /// <summary>The hash as typed; null for a picture.</summary>
    public PdqHash? Typed { get; init; }

    public PdqHash HashIn(PdqProfile profile) => Typed ?? Fingerprint(profile)!.Value.Hash;

    public PdqFingerprint? Fingerprint(PdqProfile profile) => profile == PdqProfile.Full ? Full : Nn512;
}

/// <summary>How far apart two hashes lie, as the pictures lie and with one of them turned or mirrored.</summary>
internal sealed record Comparison
{
    public required int Distance { get; init; }

    /// <summary>Which of the 256 bits differ, from 0.</summary>
    public required IReadOnlyList<int> DifferingBits { get; init; }

    /// <summary>Distance for each way to turn the picture; empty when neither side is a picture.</summary>
    public required IReadOnlyDictionary<string, int> Orientations { get; init; }

    public static Comparison Of(Compared left, Compared right, PdqProfile profile)
    {
        var (a, b) = (left.HashIn(profile), right.HashIn(profile));

        // Turning either picture answers the same question; only a picture can be turned.
        var (turned, still) = left.Fingerprint(profile) is { } fingerprint
            ? (fingerprint, b)
            : (right.Fingerprint(profile), a);
        return new Comparison
        {
            Distance = a.DistanceTo(b),
            DifferingBits = [.. Enumerable.Range(0, PdqHash.BitCount).Where(bit => a[bit] != b[bit])],
            Orientations = turned is { } hashes
                ? Enum.GetValues<Orientation>().ToDictionary(
                    Words.Of, way => hashes.Hashes[way].DistanceTo(still), StringComparer.Ordinal)
                : new Dictionary<string, int>(StringComparer.Ordinal),
        };
    }
}
