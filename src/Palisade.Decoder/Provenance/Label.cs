using System.Text.Json;
using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Provenance;

/// <summary>The implicit label of GB 45438-2025: a JSON object whose Label is 1 (is), 2 (may be) or 3 (is suspected).</summary>
internal static class Label
{
    private static readonly string[] Known =
        ["Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID", "ReservedCode2"];

    public static void Read(string mechanism, string text, List<ProvenanceFinding> findings)
    {
        using var json = SafeJson.TryParse(text);
        if (json is null || json.RootElement.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        var root = json.RootElement;
        if (root.TryGetProperty("AIGC", out var inner) && inner.ValueKind == JsonValueKind.Object)
        {
            root = inner;
        }

        if (!Known.Any(name => root.TryGetProperty(name, out _)))
        {
            return;
        }

        var label = root.TryGetProperty("Label", out var value) ? value.ToString() : null;
        findings.Add(new ProvenanceFinding
        {
            Mechanism = mechanism,
            Strength = DeclarationStrength.UnsignedMetadata,
            Declared = label switch
            {
                "1" => DeclaredOrigin.AiGenerated,
                "2" => DeclaredOrigin.AiPossible,
                "3" => DeclaredOrigin.AiSuspected,
                _ => DeclaredOrigin.None,
            },
            Detail = label is "1" or "2" or "3" ? "label " + label : null,
        });
    }
}
