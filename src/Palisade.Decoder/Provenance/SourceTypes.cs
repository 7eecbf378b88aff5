using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Provenance;

/// <summary>The digital source types of IPTC and C2PA (cv.iptc.org/newscodes/digitalsourcetype), and what each declares.</summary>
internal static class SourceTypes
{
    public const string Trained = "trainedAlgorithmicMedia";

    /// <summary>The term at the end of a value: a URI, a QCode or the bare term.</summary>
    public static string TermOf(string value) => value.Trim()[(value.Trim().LastIndexOfAny(['/', ':']) + 1)..];

    public static bool IsPartlyGenerated(string? term) =>
        term is "compositeWithTrainedAlgorithmicMedia" or "compositeSynthetic";

    public static DeclaredOrigin Declares(string? term) => term switch
    {
        Trained => DeclaredOrigin.AiGenerated,
        _ when IsPartlyGenerated(term) => DeclaredOrigin.AiEdited,
        "algorithmicMedia" => DeclaredOrigin.AlgorithmicNotAi,
        "digitalCapture" or "computationalCapture" or "compositeCapture" => DeclaredOrigin.Capture,
        _ => DeclaredOrigin.None,
    };
}
