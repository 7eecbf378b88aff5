using System.Runtime.InteropServices;

namespace Palisade.Server.Cli;

/// <summary>What stands behind a path, as far as opening it goes.</summary>
internal enum FileKind
{
    Regular,
    Folder,
    Link,

    /// <summary>A pipe, socket or device: opening it could wait for ever.</summary>
    Special,
    Missing,
}

/// <summary>Asks the system what stands behind a path, without opening it.</summary>
internal static unsafe partial class FileKinds
{
    // From the Linux man page statx(2). The layout of struct statx is the same on every architecture: 256 bytes, with
    // the 16 bits of stx_mode at byte 28.
    private const int CurrentFolder = -100;
    private const int DoNotFollow = 0x100;
    private const uint WantType = 1;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;

    /// <summary>What the path itself is; a link is not followed.</summary>
    public static FileKind OfEntry(string path) => Of(path, DoNotFollow);

    /// <summary>What the path leads to, links followed.</summary>
    public static FileKind OfTarget(string path) => Of(path, 0);

    private static FileKind Of(string path, int flags)
    {
        var answer = stackalloc byte[256];
        if (Statx(CurrentFolder, path, flags, WantType, answer) != 0)
        {
            // Not there, or in a folder that may not be searched: opening it says which.
            return FileKind.Missing;
        }

        return (*(ushort*)(answer + ModeOffset) & TypeMask) switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Folder,
            0xA000 => FileKind.Link,
            _ => FileKind.Special,
        };
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte* answer);
}
