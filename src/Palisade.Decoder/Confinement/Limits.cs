using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Confinement;

/// <summary>Bounds on what this process may use, and no privileges.</summary>
internal static class Limits
{
    /// <summary>
    /// Of the memory that the options give a worker this much is code of libraries and the runtime, which is shared
    /// and not counted by RLIMIT_DATA. (RLIMIT_AS would count address space, of which .NET reserves far more than it
    /// uses.)
    /// </summary>
    private const long LibraryBytes = 64L << 20;

    private const int ProcessorSeconds = 0;
    private const int FileSize = 1;
    private const int PrivateMemory = 2;
    private const int CoreSize = 4;
    private const int Processes = 6;
    private const int OpenFiles = 7;

    private const int ExceededFileSizeSignal = 25;
    private const int IgnoreSignal = 1;
    private const int DropFromBoundingSet = 24;
    private const int SetCapabilities = 126;
    private const int GetCapabilities = 125;
    private const uint CapabilityVersion3 = 0x20080522;

    /// <returns>0, or the system's error number of the first limit that was refused.</returns>
    public static int Apply(WorkerSettings settings)
    {
        Kernel.SetSignalAction(ExceededFileSizeSignal, IgnoreSignal);
        var error = 0;
        Set(PrivateMemory, (ulong)(settings.MaxMemoryBytes - LibraryBytes));
        Set(FileSize, 0);
        Set(CoreSize, 0);
        Set(OpenFiles, 128);
        Set(ProcessorSeconds, (ulong)settings.MaxProcessorSeconds);
        if (settings.Layers.HasFlag(SandboxLayers.Bubblewrap))
        {
            // Threads are counted for each user, and only a user namespace of our own makes that count ours.
            Set(Processes, 64);
        }

        return error == 0 ? DropCapabilities() : error;

        void Set(int resource, ulong most)
        {
            Kernel.GetLimit(resource, out var now);
            var limit = Math.Min(most, now.Hard);
            if (Kernel.SetLimit(resource, new Kernel.ResourceLimit { Soft = limit, Hard = limit }) != 0 && error == 0)
            {
                error = Kernel.LastError;
            }
        }
    }

    public static bool AreInForce() =>
        Kernel.GetLimit(FileSize, out var files) == 0 && files.Hard == 0 &&
        Kernel.GetLimit(PrivateMemory, out var memory) == 0 && memory.Hard < ulong.MaxValue && !HasCapabilities();

    /// <summary>A root user keeps its files and loses everything else that root can do.</summary>
    private static unsafe int DropCapabilities()
    {
        for (var capability = 0; capability < 64; capability++)
        {
            // Refused where there is nothing left to drop with; what counts is what is left at the end.
            Kernel.ProcessControl(DropFromBoundingSet, capability);
        }

        var header = stackalloc uint[] { CapabilityVersion3, 0 };
        var none = stackalloc uint[6];
        return Kernel.Call(SetCapabilities, (nint)header, (nint)none) == 0 ? 0 : Kernel.LastError;
    }

    private static unsafe bool HasCapabilities()
    {
        var header = stackalloc uint[] { CapabilityVersion3, 0 };
        var sets = stackalloc uint[6];
        return Kernel.Call(GetCapabilities, (nint)header, (nint)sets) != 0 ||
            new ReadOnlySpan<uint>(sets, 6).ContainsAnyExcept(0u);
    }
}
