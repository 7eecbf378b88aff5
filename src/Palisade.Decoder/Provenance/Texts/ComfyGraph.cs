using System.Text.Json;
using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Provenance.Texts;

/// <summary>
/// The graphs of ComfyUI: nodes by number with a class_type (prompt), or a list of nodes with a type (workflow).
/// </summary>
internal static class ComfyGraph
{
    private const int MaxNodes = 4096;

    private static readonly string[] InpaintNames =
    [
        "inpaint", "outpaint", "noisemask", "DifferentialDiffusion", "BrushNet", "PowerPaint", "LanPaint_", "FaceDetailer",
    ];

    private static readonly string[] FaceSwapNames = ["faceswap", "ReActor", "InstantID", "IPAdapterFaceID", "PuLID"];

    public static ProvenanceFinding? Read(string mechanism, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        // Some savers put both graphs into one object.
        if (root.TryGetProperty("prompt", out var inner) && inner.ValueKind == JsonValueKind.Object)
        {
            root = inner;
        }

        var names = NamesOf(root);
        if (names.Count == 0)
        {
            return null;
        }

        var isFaceSwap = names.Any(name => FaceSwapNames.Any(swap => Has(name, swap)));
        var isInpainted = names.Any(name => InpaintNames.Any(inpaint => Has(name, inpaint)) || name == "ImagePadForOutpaint");
        return GeneratorText.Of(
            mechanism, isFaceSwap || isInpainted ? DeclaredOrigin.AiEdited : DeclaredOrigin.AiGenerated, "ComfyUI") with
        {
            FaceSwap = isFaceSwap,
            FromPicture = names.Any(name => name.StartsWith("LoadImage", StringComparison.Ordinal)),
        };
    }

    private static List<string> NamesOf(JsonElement root)
    {
        IEnumerable<string?> names = root.TryGetProperty("nodes", out var nodes) && nodes.ValueKind == JsonValueKind.Array
            ? nodes.EnumerateArray().Take(MaxNodes).Select(node => node.TextOf("type"))
            : root.EnumerateObject().Take(MaxNodes).Select(node => node.Value.TextOf("class_type"));
        return [.. names.OfType<string>()];
    }

    private static bool Has(string name, string part) => name.Contains(part, StringComparison.OrdinalIgnoreCase);
}
