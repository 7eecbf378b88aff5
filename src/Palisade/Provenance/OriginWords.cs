using Palisade.Decoder.Contract;

namespace Palisade.Provenance;

/// <summary>Says in plain words what an origin means, and what it does not.</summary>
public static class OriginWords
{
    public static string Of(DeclaredOrigin declared) => declared switch
    {
        DeclaredOrigin.AiEdited => "declared as an existing picture that AI changed in part",
        DeclaredOrigin.AiGenerated => "declared as made by AI",
        DeclaredOrigin.AiPossible => "labelled as possibly made by AI",
        DeclaredOrigin.AiSuspected => "labelled by a platform as suspected to be made by AI",
        DeclaredOrigin.Capture => "declared as taken by a camera",
        DeclaredOrigin.AlgorithmicNotAi => "declared as computed without AI",
        _ => "declares nothing",
    };

    public static string Of(DeclarationStrength strength) => strength switch
    {
        DeclarationStrength.SignedTrusted => "signed by somebody on your trust list, and unchanged since",
        DeclarationStrength.SignedValidUntrusted => "signed and unchanged since, by somebody on no list of yours",
        DeclarationStrength.SignedInvalid => "a signed statement that does not fit this file: changed, or moved here from another",
        DeclarationStrength.UnsignedMetadata or DeclarationStrength.UnsignedText =>
            "unsigned: anybody could have written it, though few label their own photographs as AI",
        DeclarationStrength.UnsignedPixel => "found in the pixels, unsigned",
        DeclarationStrength.ReferenceOnly => "a statement lies elsewhere; it is never fetched",
        _ => "nothing found, which says nothing: most platforms remove such marks",
    };

    public static string Of(C2paState state) => state switch
    {
        C2paState.Trusted => "Trusted",
        C2paState.Valid => "Valid",
        C2paState.Invalid => "Invalid",
        C2paState.Unreadable => "unreadable",
        _ => "not-embedded",
    };
}
