using System.Net;
using System.Text.Json;
using Palisade.Server.Api;

namespace Palisade.Server.Tests.Api;

/// <summary>Reads answers the way a stranger would: as status and JSON.</summary>
internal static class Answers
{
    internal static async Task<JsonElement> JsonAsync(this Task<HttpResponseMessage> call, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await call;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>The problem that was answered, having checked that its body is the fixed one.</summary>
    internal static async Task<Problem> ProblemAsync(this Task<HttpResponseMessage> call)
    {
        using var response = await call;
        var body = await response.Content.ReadAsByteArrayAsync();
        var problem = Problem.All.FirstOrDefault(known => known.Body.Span.SequenceEqual(body));
        Assert.True(problem is not null, $"{(int)response.StatusCode}: {System.Text.Encoding.UTF8.GetString(body)}");
        Assert.Equal(problem.Status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return problem;
    }

    internal static string Verdict(this JsonElement answer) => answer.GetProperty("verdict").GetString()!;

    internal static string[] Reasons(this JsonElement answer) =>
        [.. answer.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()!)];

    internal static IReadOnlyList<JsonElement> Matches(this JsonElement answer) => [.. answer.GetProperty("matches").EnumerateArray()];

    internal static string Word(this JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
