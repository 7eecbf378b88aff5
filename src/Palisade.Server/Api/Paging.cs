using System.Globalization;

namespace Palisade.Server.Api;

/// <summary>Which part of a feed or list is asked for: after which number, how many at most, and how long to wait.</summary>
internal readonly record struct Paging(long After, int Limit, TimeSpan Wait)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const int MaxWaitSeconds = 30;

    /// <returns>False when a part is no number or out of its bounds.</returns>
    internal static bool TryRead(HttpRequest request, out Paging paging)
    {
        paging = default;
        if (!TryRead(request, "after", 0, long.MaxValue, 0, out var after) ||
            !TryRead(request, "limit", 1, MaxLimit, DefaultLimit, out var limit) ||
            !TryRead(request, "wait", 0, MaxWaitSeconds, 0, out var seconds))
        {
            return false;
        }

        paging = new Paging(after, (int)limit, TimeSpan.FromSeconds(seconds));
        return true;
    }

    private static bool TryRead(HttpRequest request, string name, long least, long most, long otherwise, out long value)
    {
        var texts = request.Query[name];
        value = otherwise;
        return texts.Count == 0 ||
               (texts.Count == 1 && long.TryParse(texts[0], NumberStyles.None, CultureInfo.InvariantCulture, out value) &&
                value >= least && value <= most);
    }
}
