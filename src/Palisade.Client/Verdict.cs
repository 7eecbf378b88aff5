using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palisade.Client;

/// <summary>What to do with an upload, from mildest to strongest.</summary>
public enum Verdict
{
    /// <summary>Nothing stands against it: publish.</summary>
    Allow,

    /// <summary>Keep it back until the feed says otherwise. Also what a word means that this version does not know.</summary>
    Hold,

    /// <summary>Do not publish it.</summary>
    Block,
}

/// <summary>Reads verdict words. A word from a newer service is never taken for a clean one.</summary>
internal sealed class VerdictConverter : JsonConverter<Verdict>
{
    public override Verdict Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() switch
        {
            "allow" => Verdict.Allow,
            "block" => Verdict.Block,
            null => throw new JsonException("The verdict is missing."),
            _ => Verdict.Hold,
        };

    public override void Write(Utf8JsonWriter writer, Verdict value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value switch
        {
            Verdict.Allow => "allow",
            Verdict.Block => "block",
            _ => "hold",
        });
}
