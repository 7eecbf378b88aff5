using Palisade.Decoder.Contract;

namespace Palisade.Provenance;

/// <summary>
/// What a file declares of its origin, all sources together. It is an admission by whoever wrote the file: present, it says
/// something; absent, it says nothing, because most platforms strip it. It never clears anything.
/// </summary>
public sealed record Origin
{
    public required DeclaredOrigin Declared { get; init; }

    /// <summary>Of the strongest source that says so.</summary>
    public required DeclarationStrength Strength { get; init; }

    public bool LocalEdit { get; init; }

    public bool FaceSwap { get; init; }

    public string? Tool { get; init; }

    /// <summary>Each place once, in the order in which they were read.</summary>
    public required IReadOnlyList<string> Mechanisms { get; init; }

    public required IReadOnlyList<ProvenanceFinding> Findings { get; init; }

    public C2paReading? C2pa { get; init; }

    public IReadOnlyList<string> Malformed { get; init; } = [];

    public bool DeclaresAi => IsAi(Declared);

    /// <summary>
    /// The most specific source wins: edited over generated over possible over suspected over a capture. Strength is that of
    /// the strongest source of the same mind; where none declares anything, of the strongest that is there at all.
    /// </summary>
    public static Origin Of(ProvenanceAnswer answer)
    {
        var declared = answer.Findings.Select(finding => finding.Declared).DefaultIfEmpty().Max();
        var agreeing = answer.Findings
            .Where(finding => IsAi(declared) ? IsAi(finding.Declared) : finding.Declared == declared)
            .OrderByDescending(finding => finding.Strength).ToList();
        return new Origin
        {
            Declared = declared,
            Strength = agreeing.FirstOrDefault()?.Strength ?? DeclarationStrength.None,
            LocalEdit = agreeing.Any(finding => finding.LocalEdit),
            FaceSwap = agreeing.Any(finding => finding.FaceSwap),
            Tool = agreeing.FirstOrDefault(finding => finding.Tool is not null)?.Tool ??
                answer.Findings.FirstOrDefault(finding => finding.Tool is not null)?.Tool,
            Mechanisms = [.. answer.Findings.Select(finding => finding.Mechanism).Distinct(StringComparer.Ordinal)],
            Findings = answer.Findings,
            C2pa = answer.C2pa,
            Malformed = answer.Malformed,
        };
    }

    private static bool IsAi(DeclaredOrigin declared) => declared >= DeclaredOrigin.AiSuspected;
}
