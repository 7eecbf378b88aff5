using System.Globalization;
using System.Net;
using System.Text.Json;
using Palisade.Evidence;

namespace Palisade.Server.Api;

/// <summary>
/// What the platform may tell of an upload beside its bytes: names, times, addresses, context. It is kept only where there
/// is a case, and then sealed.
/// </summary>
internal sealed record PlatformFacts
{
    public static readonly string[] Fields = ["service", "contentId", "uploaderToken", "time", "fileName", "network", "context"];

    private const int MostItems = 100;
    private const int LongestWord = 64;

    public string? Service { get; private init; }

    public string? ContentId { get; private init; }

    public string? UploaderToken { get; private init; }

    public DateTimeOffset? UploadedAt { get; private init; }

    public string? FileName { get; private init; }

    public IReadOnlyList<NetworkFact> Network { get; private init; } = [];

    public IReadOnlyList<ContextItem> Context { get; private init; } = [];

    /// <returns>The facts, or why they cannot be used.</returns>
    public static (PlatformFacts? Facts, Problem? Refusal) Read(UploadForm form)
    {
        if (form["service"] is not { Length: > 0 } service)
        {
            return (null, Problem.ServiceMissing);
        }

        if (!TryReadTime(form["time"], out var uploadedAt) ||
            Listed<NetworkFact>(form["network"]) is not { } network || !network.All(IsValid) ||
            Listed<ContextItem>(form["context"]) is not { } context || !context.All(item => item is { Text: not null } && IsWord(item.Kind)))
        {
            return (null, Problem.FieldNotValid);
        }

        return (new PlatformFacts
        {
            Service = service,
            ContentId = form["contentId"],
            UploaderToken = form["uploaderToken"],
            UploadedAt = uploadedAt,
            FileName = form["fileName"],
            Network = network,
            Context = context,
        }, null);
    }

    private static bool IsValid(NetworkFact fact) =>
        fact is not null && IsWord(fact.Event) && IPAddress.TryParse(fact.Address, out _) && fact.Port is null or (>= 0 and <= 65535);

    private static bool IsWord(string? word) =>
        word is { Length: > 0 and <= LongestWord } && word.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <returns>Null when the text is no list of such.</returns>
    private static List<T>? Listed<T>(string? json)
    {
        if (json is null)
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize<List<T>>(json, ApiJson.Options) is { Count: <= MostItems } list ? list : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool TryReadTime(string? text, out DateTimeOffset? time)
    {
        time = null;
        if (text is null)
        {
            return true;
        }

        // A time without an offset would be read in the server's own zone.
        var hasOffset = text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > "yyyy-MM-dd".Length;
        if (!hasOffset ||
            !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed))
        {
            return false;
        }

        time = parsed;
        return true;
    }
}
