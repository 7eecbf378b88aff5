using System.Collections.Concurrent;

namespace Palisade.Storage;

/// <summary>
/// Tells readers in this process that a feed (the bank change log, the verdict feed) has grown.
/// </summary>
/// <remarks>
/// A bell only shortens a wait. Whoever listens must also poll, since another process's writes ring nothing here. Take
/// <see cref="Next"/> before reading the feed, so that what comes in between is not slept through.
/// </remarks>
public sealed class FeedBell
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);

    /// <summary>Completes at the next <see cref="Ring"/> for this feed.</summary>
    public Task Next(string feed) => _waiting.GetOrAdd(
        feed, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Call after the commit, never inside the transaction.</summary>
    public void Ring(string feed)
    {
        if (_waiting.TryRemove(feed, out var waiting))
        {
            waiting.SetResult();
        }
    }
}
