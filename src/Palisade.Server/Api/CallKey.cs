using Palisade.Scanning;

namespace Palisade.Server.Api;

/// <summary>The header Idempotency-Key, by which a repeated call is one.</summary>
internal static class CallKey
{
    /// <param name="key">Null when none was sent.</param>
    /// <returns>False when it cannot be used.</returns>
    public static bool TryRead(HttpRequest request, Caller caller, out IdempotencyKey? key)
    {
        key = null;
        var values = request.Headers["Idempotency-Key"];
        if (values.Count == 0)
        {
            return true;
        }

        if (values.Count > 1 || values[0] is not { Length: >= 1 and <= 255 } text || text.Any(letter => letter is < '!' or > '~'))
        {
            return false;
        }

        key = new IdempotencyKey(caller.Key.Id, text);
        return true;
    }
}
