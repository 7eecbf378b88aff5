using System.Runtime.InteropServices;

namespace Palisade.Server.Bench.Derivatives;

/// <summary>Processor time of the thread that asks: unlike the time of day, it does not grow while others compute.</summary>
internal static partial class ThreadClock
{
    // CLOCK_THREAD_CPUTIME_ID, clock_gettime(2).
    private const int ThreadTime = 3;

    public static double Milliseconds()
    {
        _ = GetTime(ThreadTime, out var time);
        return (time.Seconds * 1000.0) + (time.Nanoseconds / 1e6);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpecification time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
