using System.Collections.Concurrent;
using System.Globalization;
using Palisade.Audit;
using Palisade.Storage;

namespace Palisade.Server.Api;

/// <summary>
/// Counts calls that were refused for want of a right, and puts the counts on the audit log each minute: one entry for each
/// reason and known key, so that a flood of refused calls writes a handful of lines. A crash loses the counts of its minute.
/// </summary>
public sealed class FailedAccess(AuditLog audit, Store store)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Keys that are told apart in a minute; those beyond are counted together.</summary>
    private const int MostKeys = 100;

    private ConcurrentDictionary<(string Problem, long? Key), long> _counts = new();

    /// <param name="problem">A word from the fixed list of problems.</param>
    /// <param name="key">The known key that was used; null for a stranger.</param>
    internal void Count(string problem, long? key)
    {
        var counts = _counts;
        counts.AddOrUpdate((problem, counts.Count < MostKeys ? key : null), 1, static (_, count) => count + 1);
    }

    /// <summary>Puts on the log what was counted since the last time.</summary>
    internal async Task NoteAsync(CancellationToken cancellationToken)
    {
        if (_counts.IsEmpty)
        {
            return;
        }

        var counts = Interlocked.Exchange(ref _counts, new());
        var entries = counts.OrderBy(count => count.Key.Problem, StringComparer.Ordinal).ThenBy(count => count.Key.Key)
            .Select(count => Entry(count.Key.Problem, count.Key.Key, count.Value)).ToList();
        try
        {
            await store.WriteAsync(transaction => audit.AppendAsync(transaction, entries), cancellationToken);
        }
        catch
        {
            foreach (var count in counts)
            {
                _counts.AddOrUpdate(count.Key, count.Value, (_, more) => more + count.Value);
            }

            throw;
        }
    }

    private static AuditEntry Entry(string problem, long? key, long count) => new()
    {
        Action = "access.refused",
        Actor = key is { } id ? Actor.ApiKey(id) : Actor.Stranger,
        Subject = "api/" + problem,
        Reason = string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "call" : "calls")} since the last such entry, a minute at least"),
    };
}
