using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Provenance.Texts;

/// <summary>
/// The text of AUTOMATIC1111's web UI and its kin: a prompt, and a last line of "Key: value" pairs.
/// </summary>
internal static class WebUiText
{
    private static readonly string[] Core = ["Steps", "Sampler", "Seed", "CFG scale", "Size", "Model"];

    /// <summary>Written for inpainting alone. "Mask blur" needs a second one: old versions wrote it for every start picture.</summary>
    private static readonly string[] InpaintOnly =
    [
        "Inpaint area", "Masked area padding", "Masked content", "Mask mode", "Conditional mask weight",
        "Soft inpainting enabled",
    ];

    public static ProvenanceFinding? Read(string mechanism, string text)
    {
        var trimmed = text.TrimEnd('\0', ' ', '\n', '\r');
        var last = trimmed[(trimmed.LastIndexOf('\n') + 1)..];
        var keys = last.Split(", ").Select(pair => pair.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon
            ? pair[..colon].Trim() : string.Empty).ToHashSet(StringComparer.Ordinal);
        if (!keys.Contains("Steps") || Core.Count(keys.Contains) < 3)
        {
            return null;
        }

        var isFaceSwap = keys.Any(key => key.StartsWith("ReActor", StringComparison.Ordinal) ||
            key.StartsWith("FaceSwapLab", StringComparison.Ordinal) || key.StartsWith("Roop", StringComparison.Ordinal) ||
            key.StartsWith("faceswap", StringComparison.OrdinalIgnoreCase));
        var isInpainted = InpaintOnly.Any(keys.Contains) ||
            (keys.Contains("Mask blur") && keys.Contains("Denoising strength") && keys.Contains("Init image hash"));
        var isEdit = isFaceSwap || isInpainted;
        return GeneratorText.Of(
            mechanism, isEdit ? DeclaredOrigin.AiEdited : DeclaredOrigin.AiGenerated, "AUTOMATIC1111-style") with
        {
            FaceSwap = isFaceSwap,
            FromPicture = keys.Contains("Init image hash"),
        };
    }
}
