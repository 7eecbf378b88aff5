using System.Text.Json;
using System.Text.RegularExpressions;
using Palisade.Decoder.Contract;
using Palisade.Decoder.Provenance.Containers;

namespace Palisade.Decoder.Provenance.Texts;

/// <summary>Reads what picture generators write into a file's texts. A key alone proves nothing: its text must fit.</summary>
internal static partial class GeneratorText
{
    /// <param name="strength">Of texts; pixels that carry the same text say so.</param>
    public static void Read(
        IReadOnlyList<TextPart> texts, List<ProvenanceFinding> findings,
        DeclarationStrength strength = DeclarationStrength.UnsignedText)
    {
        var novel = NovelAi(texts);
        foreach (var text in texts)
        {
            if (ReadOne(text, texts, novel) is { } finding)
            {
                findings.Add(finding with { Strength = finding.Strength == DeclarationStrength.None ? strength : finding.Strength });
            }
            else if (text is { Key: "AIGC" } or { Key: "UserComment" })
            {
                Label.Read($"{text.Place}:{text.Key}", text.Text, findings);
            }
        }
    }

    /// <summary>What a text that stands alone says (UserComment, or bits of pixels), whichever tool wrote it.</summary>
    public static ProvenanceFinding? ReadUnnamed(string mechanism, string text)
    {
        if (WebUiText.Read(mechanism, text) is { } webUi)
        {
            return webUi;
        }

        using var json = SafeJson.TryParse(text);
        if (json is null || json.RootElement.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var root = json.RootElement;
        return Fooocus(mechanism, root) ?? NovelAi(mechanism, root) ?? ComfyGraph.Read(mechanism, root) ??
            Sampler(mechanism, root);
    }

    private static ProvenanceFinding? ReadOne(
        TextPart text, IReadOnlyList<TextPart> all, ProvenanceFinding? novel)
    {
        var mechanism = $"{text.Place}:{text.Key}";
        return (text.Place, text.Key) switch
        {
            ("png-text", "parameters") => ReadUnnamed(mechanism, text.Text),
            ("png-text", "fooocus_scheme") => text.Text is "fooocus" or "a1111"
                ? Of(mechanism, DeclaredOrigin.AiGenerated, "Fooocus") : null,
            ("png-text", "prompt" or "workflow") => Graph(mechanism, text.Text),
            ("png-text", "invokeai_metadata" or "sd-metadata") => InvokeAi(mechanism, text.Text),
            ("png-text", "Software") => novel,
            ("png-text", "Description") when JobId().IsMatch(text.Text) =>
                Of("png-text:Description Job ID", DeclaredOrigin.AiGenerated, "Midjourney"),
            ("exif" or "xmp", "UserComment") => ReadUnnamed(mechanism, text.Text),
            ("exif", "Model" or "Make" or "ImageDescription" or "DocumentName") => KeyedGraph(text),
            ("samsung-sef", "PhotoEditor_Re_Edit_Data") => Samsung(text.Text),
            _ => null,
        };
    }

    private static ProvenanceFinding? Graph(string mechanism, string text)
    {
        using var json = SafeJson.TryParse(text);
        return json is null ? null : ComfyGraph.Read(mechanism, json.RootElement);
    }

    /// <summary>EXIF fields that hold a key, a colon and a graph.</summary>
    private static ProvenanceFinding? KeyedGraph(TextPart text)
    {
        foreach (var key in (string[])["prompt:", "workflow:"])
        {
            if (text.Text.StartsWith(key, StringComparison.OrdinalIgnoreCase))
            {
                return Graph($"exif:{text.Key}={key}", text.Text[key.Length..]);
            }
        }

        return null;
    }

    private static ProvenanceFinding? InvokeAi(string mechanism, string text)
    {
        using var json = SafeJson.TryParse(text);
        if (json is null || json.RootElement.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var root = json.RootElement;
        var mode = root.TextOf("generation_mode") ?? string.Empty;
        if (mode.Length == 0 && !root.TryGetProperty("app_version", out _) && !root.TryGetProperty("image", out _))
        {
            return null;
        }

        var isEdit = mode.Contains("inpaint", StringComparison.Ordinal) || mode.Contains("outpaint", StringComparison.Ordinal);
        return Of(mechanism, isEdit ? DeclaredOrigin.AiEdited : DeclaredOrigin.AiGenerated, "InvokeAI") with
        {
            FromPicture = mode.Contains("img2img", StringComparison.Ordinal),
        };
    }

    private static ProvenanceFinding? Fooocus(string mechanism, JsonElement root) =>
        root.TextOf("version")?.StartsWith("Fooocus", StringComparison.Ordinal) == true ||
        (root.TryGetProperty("base_model", out _) && root.TryGetProperty("performance", out _))
            ? Of(mechanism, DeclaredOrigin.AiGenerated, "Fooocus")
            : null;

    /// <summary>The texts that NovelAI writes side by side.</summary>
    private static ProvenanceFinding? NovelAi(IReadOnlyList<TextPart> texts)
    {
        if (!texts.Any(text => text is { Place: "png-text", Key: "Software" } && text.Text.Trim() == "NovelAI"))
        {
            return null;
        }

        using var json = SafeJson.TryParse(texts.FirstOrDefault(text => text.Key == "Comment")?.Text ?? string.Empty);
        var source = texts.FirstOrDefault(text => text.Key == "Source")?.Text;
        return json is null
            ? Of("png-text:Software=NovelAI", DeclaredOrigin.AiGenerated, "NovelAI")
            : NovelAiRequest("png-text:Software=NovelAI", json.RootElement, source);
    }

    private static ProvenanceFinding? NovelAi(string mechanism, JsonElement root)
    {
        if (root.TextOf("Software") != "NovelAI")
        {
            return null;
        }

        using var comment = SafeJson.TryParse(root.TextOf("Comment") ?? string.Empty);
        return NovelAiRequest(mechanism, comment?.RootElement ?? default, root.TextOf("Source"));
    }

    private static ProvenanceFinding NovelAiRequest(string mechanism, JsonElement request, string? source)
    {
        var kind = request.TextOf("request_type");
        var isEdit = kind == "NativeInfillingRequest" ||
            source?.Contains("inpainting", StringComparison.OrdinalIgnoreCase) == true;
        return Of(mechanism, isEdit ? DeclaredOrigin.AiEdited : DeclaredOrigin.AiGenerated, "NovelAI") with
        {
            FromPicture = kind == "Img2ImgRequest",
        };
    }

    private static ProvenanceFinding? Sampler(string mechanism, JsonElement root) =>
        root.TryGetProperty("sampler", out _) && root.TryGetProperty("seed", out _) && root.TryGetProperty("model", out _)
            ? Of(mechanism, DeclaredOrigin.AiGenerated, null)
            : null;

    private static ProvenanceFinding? Samsung(string text)
    {
        using var json = SafeJson.TryParse(text.TrimEnd('\0'));
        return json is { RootElement.ValueKind: JsonValueKind.Object } &&
            json.RootElement.TryGetProperty("genAIType", out var type) &&
            type.ValueKind == JsonValueKind.Number && type.TryGetInt64(out var value) && value != 0
            ? Of("samsung-sef:genAIType", DeclaredOrigin.AiEdited, "Samsung") with
            {
                Strength = DeclarationStrength.UnsignedMetadata,
            }
            : null;
    }

    public static ProvenanceFinding Of(string mechanism, DeclaredOrigin declared, string? tool) => new()
    {
        Mechanism = mechanism,
        Declared = declared,
        LocalEdit = declared == DeclaredOrigin.AiEdited,
        Tool = tool,
    };

    [GeneratedRegex(@"Job ID: [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex JobId();
}
