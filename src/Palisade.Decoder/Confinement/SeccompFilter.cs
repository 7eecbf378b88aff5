using System.Runtime.InteropServices;

namespace Palisade.Decoder.Confinement;

/// <summary>
/// The system calls that decoding needs, and no others. What is not named is answered as if the kernel did not know it,
/// so that libraries fall back instead of failing.
/// </summary>
/// <remarks>
/// Two filters go on. The first, before the program re-executes itself, still allows that and setting up the second.
/// The second, on every thread of the new image, does not. Numbers are those of x86-64
/// (arch/x86/entry/syscalls/syscall_64.tbl).
/// </remarks>
internal static class SeccompFilter
{
    private const int Seccomp = 317;
    private const int SetModeFilter = 1;
    private const int OnAllThreads = 1;
    private const int Socket = 41;

    /// <summary>Write-only, read-write, create, truncate, append and unnamed files.</summary>
    private const uint AnyOpenForWriting = 0x1 | 0x2 | 0x40 | 0x200 | 0x400 | 0x400000;

    private const uint CloneThread = 0x10000;

    private static readonly int[] Needed =
    [
        0, // read
        1, // write
        3, // close
        4, 5, 6, 262, 332, // stat, fstat, lstat, newfstatat, statx
        7, 271, // poll, ppoll
        8, 17, 19, 20, // lseek, pread64, readv, writev
        9, 10, 11, 12, 25, 28, 27, // mmap, mprotect, munmap, brk, mremap, madvise, mincore
        13, 14, 15, 131, // rt_sigaction, rt_sigprocmask, rt_sigreturn, sigaltstack
        21, 269, 439, // access, faccessat, faccessat2
        24, 204, 143, 145, 146, 147, // sched_yield, _getaffinity, _getparam, _getscheduler, priority_max, _min
        35, 230, 228, 229, 96, 201, // nanosleep, clock_nanosleep, clock_gettime, clock_getres, gettimeofday, time
        39, 186, 110, 102, 104, 107, 108, 124, // getpid, gettid, getppid, getuid, getgid, geteuid, getegid, getsid
        60, 231, 219, // exit, exit_group, restart_syscall
        63, 99, 98, 100, 309, // uname, sysinfo, getrusage, times, getcpu
        32, 293, // dup, pipe2
        79, 89, 267, 217, 137, 138, // getcwd, readlink, readlinkat, getdents64, statfs, fstatfs
        97, 125, // getrlimit, capget
        149, 150, 324, // mlock, munlock, membarrier
        202, 218, 273, 334, // futex, set_tid_address, set_robust_list, rseq
        318, // getrandom
    ];

    /// <summary>Needed until the second filter goes on: execve, arch_prctl, prctl, seccomp.</summary>
    private static readonly int[] NeededToStart = [59, 158, 157, Seccomp];

    /// <summary>Confines the calling thread, and what it executes.</summary>
    /// <returns>0, or the system's error number.</returns>
    public static int ApplyBeforeReexecution() => Install(NeededToStart, flags: 0);

    /// <summary>Confines every thread of this process for good.</summary>
    /// <returns>0, or the system's error number.</returns>
    public static int ApplyToAllThreads() => Install([], OnAllThreads);

    /// <summary>Not even a socket of no use can be made.</summary>
    public static bool IsInForce()
    {
        const int local = 1, datagram = 2;
        var socket = (int)Kernel.Call(Socket, local, datagram);
        if (socket >= 0)
        {
            Kernel.Close(socket);
        }

        return socket < 0;
    }

    private static unsafe int Install(ReadOnlySpan<int> further, int flags)
    {
        var instructions = Build(further).ToArray();
        fixed (BpfProgram.Instruction* first = instructions)
        {
            var program = new FilterProgram { Length = (ushort)instructions.Length, First = first };
            return Kernel.Call(Seccomp, SetModeFilter, flags, (nint)(&program)) == 0 ? 0 : Kernel.LastError;
        }
    }

    private static BpfProgram Build(ReadOnlySpan<int> further)
    {
        const int open = 2, openAt = 257, clone = 56, threadKill = 234, setOrGetLimit = 302, processControl = 157;
        const int deviceControl = 16, fileControl = 72;
        const uint duplicate = 0, getDescriptorFlags = 1, setDescriptorFlags = 2, getStatusFlags = 3, setStatusFlags = 4;
        const uint duplicateForSelf = 1030;
        const int setAffinity = 203, noTerminal = 25;
        const uint setThreadName = 15, itself = 0;
        var program = new BpfProgram();
        foreach (var number in further)
        {
            program.AllowCall(number);
        }

        foreach (var number in Needed)
        {
            program.AllowCall(number);
        }

        program.AllowCallIfNoBit(open, argument: 1, AnyOpenForWriting, Kernel.NotPermitted);
        program.AllowCallIfNoBit(openAt, argument: 2, AnyOpenForWriting, Kernel.NotPermitted);

        // A thread, never a process. glibc tries clone3 first, whose flags lie in memory and cannot be looked at.
        program.AllowCallIfAnyBit(clone, argument: 0, CloneThread, Kernel.NotPermitted);

        // The runtime interrupts its own threads.
        program.AllowCallIfEquals(threadKill, argument: 0, Kernel.NotPermitted, (uint)Environment.ProcessId);
        program.AllowCallIfEquals(setAffinity, argument: 0, Kernel.NotPermitted, itself);
        program.AllowCallIfNull(setOrGetLimit, argument: 2, Kernel.NotPermitted);
        program.AllowCallIfEquals(processControl, argument: 0, Kernel.NotPermitted, setThreadName);

        // Copies and flags; not F_SETOWN and F_SETSIG, by which a pipe sends any signal to any process of the user.
        program.AllowCallIfEquals(
            fileControl, argument: 1, Kernel.NotPermitted,
            duplicate, getDescriptorFlags, setDescriptorFlags, getStatusFlags, setStatusFlags, duplicateForSelf);
        program.RefuseCall(deviceControl, noTerminal);
        program.RefuseTheRest(Kernel.NotSupported);
        return program;
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct FilterProgram
    {
        public ushort Length;
        public BpfProgram.Instruction* First;
    }
}
