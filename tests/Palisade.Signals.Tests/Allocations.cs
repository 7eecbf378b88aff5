namespace Palisade.Signals.Tests;

/// <summary>Counts what an act allocates on this thread.</summary>
internal static class Allocations
{
    /// <summary>
    /// The least of several runs, in bytes: what the runtime allocates once (on compiling a method again) is not the
    /// act's; what the act allocates is in each run.
    /// </summary>
    public static long Of(Action act)
    {
        var least = long.MaxValue;
        for (var run = 0; run < 5; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            act();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
