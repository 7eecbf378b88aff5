using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palisade.Server.Api;

/// <summary>How JSON is written and read: camelCase, kebab-case words, nothing for what is absent, nothing unknown accepted.</summary>
internal static class ApiJson
{
    internal static readonly JsonSerializerOptions Options = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    internal static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectNullableAnnotations = true;

        // People read these answers in a terminal. They are application/json with nosniff, so no browser takes them for a page.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
        return options;
    }

    /// <summary>Reads a call's JSON body.</summary>
    /// <returns>The body, or why it cannot be used.</returns>
    internal static async Task<(T? Body, Problem? Refusal)> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken)
        where T : class
    {
        if (!request.HasJsonContentType())
        {
            return (null, Problem.TypeNotSupported);
        }

        try
        {
            return await JsonSerializer.DeserializeAsync<T>(request.Body, Options, cancellationToken) is { } body
                ? (body, null)
                : (null, Problem.JsonNotValid);
        }
        catch (JsonException)
        {
            return (null, Problem.JsonNotValid);
        }
    }
}
