using System.Runtime.CompilerServices;

namespace Palisade.Server.Cli;

/// <summary>Works on many things at once and gives the results in the order of the things.</summary>
internal static class InOrder
{
    /// <summary>
    /// How many finished results may wait for a slow one before them, for each thing worked on at once: enough that one
    /// slow picture does not leave the other workers without work.
    /// </summary>
    private const int WaitingPerWorker = 16;

    /// <param name="atOnce">How many things are worked on at the same time.</param>
    public static async IAsyncEnumerable<TResult> SelectAsync<TThing, TResult>(
        IEnumerable<TThing> things,
        int atOnce,
        Func<TThing, CancellationToken, Task<TResult>> work,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var free = new SemaphoreSlim(atOnce);
        var begun = new Queue<Task<TResult>>();
        try
        {
            foreach (var thing in things)
            {
                begun.Enqueue(Task.Run(() => WorkAsync(thing), stop.Token));
                if (begun.Count >= atOnce * WaitingPerWorker)
                {
                    yield return await begun.Dequeue();
                }
            }

            while (begun.TryDequeue(out var next))
            {
                yield return await next;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(begun).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        async Task<TResult> WorkAsync(TThing thing)
        {
            await free.WaitAsync(stop.Token);
            try
            {
                return await work(thing, stop.Token);
            }
            finally
            {
                free.Release();
            }
        }
    }
}
