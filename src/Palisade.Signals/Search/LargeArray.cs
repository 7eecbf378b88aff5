using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Palisade.Signals.Search;

/// <summary>Arrays that are touched all over: on Linux the system is asked to back them with pages of 2 MiB.</summary>
/// <remarks>
/// A search touches thousands of unrelated places, and with pages of 4 KiB most of them miss the processor's table of
/// pages as well. The arrays stay the collector's; the advice concerns only how they are backed, and an answer of no
/// (switched off, not Linux) leaves all as it is.
/// </remarks>
internal static partial class LargeArray
{
    private const int HugePageBytes = 2 << 20;
    private const int SmallPageBytes = 4 << 10;

    // MADV_HUGEPAGE, linux/mman.h.
    private const int AdviseHugePages = 14;

    /// <summary>An array of zeros that never moves.</summary>
    public static T[] Allocate<T>(int length)
        where T : unmanaged
    {
        if ((long)length * Unsafe.SizeOf<T>() < 2 * HugePageBytes || !OperatingSystem.IsLinux())
        {
            return new T[length];
        }

        // The advice must come before the pages do, so nothing is cleared before it.
        var array = GC.AllocateUninitializedArray<T>(length, pinned: true);
        Advise(ref MemoryMarshal.GetArrayDataReference(array), (nuint)length * (nuint)Unsafe.SizeOf<T>());
        Array.Clear(array);
        return array;
    }

    private static unsafe void Advise<T>(ref T values, nuint bytes)
        where T : unmanaged
    {
        fixed (T* first = &values)
        {
            var start = ((nuint)first + SmallPageBytes - 1) / SmallPageBytes * SmallPageBytes;
            var end = ((nuint)first + bytes) / SmallPageBytes * SmallPageBytes;
            _ = MemoryAdvise(start, end - start, AdviseHugePages);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(nuint start, nuint length, int advice);
}
