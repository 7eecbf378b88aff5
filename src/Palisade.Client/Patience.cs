using System.Security.Cryptography;

namespace Palisade.Client;

/// <summary>How long to wait before asking a service again that gave no answer.</summary>
internal static class Patience
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The service's own wish, or else a second, doubled with each failure up to a minute; then up to a quarter more,
    /// by chance, so that everybody whom one overload turned away does not come back in the same moment.
    /// </summary>
    /// <param name="failures">Calls in a row without an answer, from 1.</param>
    public static TimeSpan After(int failures, TimeSpan? retryAfter)
    {
        var doubled = First * Math.Pow(2, Math.Min(failures - 1, 10));
        var wait = retryAfter ?? (doubled < Longest ? doubled : Longest);

        return wait + (wait * (RandomNumberGenerator.GetInt32(0, 1001) / 4000.0));
    }
}
