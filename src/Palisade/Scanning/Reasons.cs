using Palisade.Decoding;
using Palisade.Storage;

namespace Palisade.Scanning;

/// <summary>The fixed list of reasons that a verdict can give. The words are part of the API.</summary>
public static class Reasons
{
    /// <summary>The very same bytes are in a bank.</summary>
    public const string MatchExact = "match-exact";

    /// <summary>A picture that looks the same is in a bank.</summary>
    public const string MatchNear = "match-near";

    /// <summary>It was made from a picture in a bank: repainted in part, cropped, framed, or with a patch of it.</summary>
    public const string MatchRegion = "match-region";

    /// <summary>It may have been made from a picture in a bank; the policy sends such matches to a person.</summary>
    public const string PossibleRegion = "possible-region";

    /// <summary>Only an MD5 or SHA-1 matched, and those can be forged: held at most.</summary>
    public const string WeakDigest = "weak-digest";

    /// <summary>A form that is never decoded, or no picture.</summary>
    public const string Refused = "refused";

    /// <summary>Too little in the picture to compare its look in some bank; digests were matched.</summary>
    public const string LowQuality = "low-quality";

    /// <summary>A never-match entry took perceptual matches away.</summary>
    public const string NeverMatch = "never-match";

    /// <summary>The bytes could not be sealed, so the verdict is hold whatever it would have been: keep them on your side.</summary>
    public const string EvidenceNotSealed = "evidence-not-sealed";

    /// <summary>The picture could not be read; the part after the colon says why.</summary>
    public static string Undecodable(UndecodableReason reason) => $"undecodable:{Words.Of(reason)}";

    public static IReadOnlyList<string> All { get; } =
    [
        MatchExact, MatchNear, MatchRegion, PossibleRegion, WeakDigest, Refused, LowQuality, NeverMatch, EvidenceNotSealed,
        .. Enum.GetValues<UndecodableReason>().Select(Undecodable),
    ];
}
