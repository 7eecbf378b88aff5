using System.Runtime.InteropServices;

namespace Palisade.Server;

/// <summary>Keeps the memory of a process that handles keys out of core files and away from other processes' debuggers.</summary>
internal static class CoreDumps
{
    private const int SetDumpable = 4; // PR_SET_DUMPABLE, prctl(2)
    private const int GetDumpable = 3;
    private const int CoreFileSize = 4; // RLIMIT_CORE, setrlimit(2)

    /// <summary>
    /// The flag also holds where the system hands dumps to a program, which the limit does not. Programs that are started from
    /// here get the flag back when they begin.
    /// </summary>
    /// <returns>Whether the system took both.</returns>
    public static bool Refuse() => OperatingSystem.IsLinux() && SetLimit(CoreFileSize, [0, 0]) == 0 && ProcessControl(SetDumpable, 0) == 0;

    public static bool AreRefused() => OperatingSystem.IsLinux() && ProcessControl(GetDumpable, 0) == 0;

    [DllImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ProcessControl(int option, nuint value);

    [DllImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetLimit(int resource, ulong[] currentAndLargest);
}
