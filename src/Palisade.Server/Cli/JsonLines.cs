using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palisade.Server.Cli;

/// <summary>Writes one JSON object a line, for programs.</summary>
internal static class JsonLines
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        // Letters of every script stay readable; control characters are escaped all the same, here or below.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    public static void WriteJsonLine<T>(this TextWriter output, T line) =>
        output.WriteLine(Terminal.Escaped(JsonSerializer.Serialize(line, Options)));
}
