using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palisade.Client;

/// <summary>What a person decided that the platform is to do.</summary>
public enum PlatformAction
{
    /// <summary>Publish it, or leave it where it is.</summary>
    Release,

    /// <summary>Take it down, or never publish it.</summary>
    Remove,

    /// <summary>Take it down and restrict the account that sent it.</summary>
    Restrict,

    /// <summary>
    /// Change nothing that the uploader could notice, and tell nobody. Also what a word means that this version does not
    /// know: then a person of yours should look at what is new.
    /// </summary>
    Silent,
}

/// <summary>Reads action words. A word from a newer service never publishes anything.</summary>
internal sealed class PlatformActionConverter : JsonConverter<PlatformAction>
{
    public override PlatformAction Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() switch
        {
            "release" => PlatformAction.Release,
            "remove" => PlatformAction.Remove,
            "restrict" => PlatformAction.Restrict,
            null => throw new JsonException("The action is missing."),
            _ => PlatformAction.Silent,
        };

    public override void Write(Utf8JsonWriter writer, PlatformAction value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value switch
        {
            PlatformAction.Release => "release",
            PlatformAction.Remove => "remove",
            PlatformAction.Restrict => "restrict",
            _ => "silent",
        });
}
