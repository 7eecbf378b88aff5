using Palisade.Decoder.Contract;
using Palisade.Provenance;

namespace Palisade.Server.Cli;

/// <summary>What <c>inspect --json</c> says of one file.</summary>
internal sealed record InspectLine(string File, string State, InspectedOrigin? Provenance, InspectedC2pa? C2pa, IReadOnlyList<string> Malformed)
{
    public static InspectLine Of(string file, Origin? origin) => origin is null
        ? new InspectLine(file, "unread", null, null, [])
        : new InspectLine(
            file, "ok",
            new InspectedOrigin(
                origin.Declared, origin.Strength, origin.LocalEdit, origin.FaceSwap, origin.Tool, origin.Mechanisms,
                origin.Findings),
            origin.C2pa is { } c2pa
                ? new InspectedC2pa(OriginWords.Of(c2pa.State), c2pa.Failures, c2pa.Manifests)
                : null,
            origin.Malformed);
}

internal sealed record InspectedOrigin(
    DeclaredOrigin Declared, DeclarationStrength Strength, bool LocalEdit, bool FaceSwap, string? Tool,
    IReadOnlyList<string> Mechanisms, IReadOnlyList<ProvenanceFinding> Findings);

internal sealed record InspectedC2pa(string State, IReadOnlyList<string> Failures, IReadOnlyList<C2paManifest> Manifests);
