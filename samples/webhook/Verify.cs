using System.Text.Json;
using Palisade.Client;

namespace WebhookSample;

/// <summary>
/// Checks Palisade's webhook calls with the client package: the published vectors, one after the other. A platform's own
/// receiver needs no more than the call of <see cref="WebhookVerifier.VerifyAsync"/> in the middle.
/// </summary>
public static class Verify
{
    /// <returns>What was found otherwise than the vectors say; empty when all is well.</returns>
    public static async Task<IReadOnlyList<string>> CheckVectorsAsync(string vectorsFile, string idFile)
    {
        var vectors = JsonSerializer.Deserialize<Vectors>(await File.ReadAllTextAsync(vectorsFile), JsonSerializerOptions.Web)!;
        using var seen = new WebhookIdFile(idFile);
        var wrong = new List<string>();
        foreach (var call in vectors.Calls)
        {
            var verifier = new WebhookVerifier(vectors.Keys, seen.RememberAsync, new FixedClock(call.Now));
            var outcome = await verifier.VerifyAsync(
                new WebhookRequest(
                    call.Method,
                    call.Path,
                    call.Headers.GetValueOrDefault("palisade-webhook-id"),
                    call.Headers.GetValueOrDefault("palisade-webhook-time"),
                    call.Headers.GetValueOrDefault("palisade-webhook-signature"),
                    Convert.FromBase64String(call.Body)),
                CancellationToken.None);
            var found = outcome switch
            {
                WebhookOutcome.Accepted => "accepted",
                WebhookOutcome.Replayed => "replayed",
                _ => "refused",
            };
            if (found != call.Expected)
            {
                wrong.Add($"{call.Name}: expected {call.Expected}, found {found}");
            }
        }

        return wrong;
    }

    private sealed record Vectors(Dictionary<string, string> Keys, List<Call> Calls);

    private sealed record Call(
        string Name, long Now, string Method, string Path, Dictionary<string, string> Headers, string Body, string Expected);

    private sealed class FixedClock(long seconds) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(seconds);
    }
}
