using System.Text.Json;

namespace Palisade.Decoder.Provenance;

/// <summary>Reads JSON that anybody may have written.</summary>
internal static class SafeJson
{
    private const int MaxChars = 4 << 20;

    public static JsonDocument? TryParse(string text)
    {
        if (text.Length > MaxChars)
        {
            return null;
        }

        try
        {
            // NaN and Infinity are what some generators write where JSON has no number.
            return JsonDocument.Parse(
                text.Replace(": NaN", ": null", StringComparison.Ordinal), new JsonDocumentOptions { MaxDepth = 64 });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string? TextOf(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) &&
        value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
