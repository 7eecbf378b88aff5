using System.Runtime.InteropServices;
using System.Text;

namespace Palisade.Storage;

/// <summary>Makes the data folder, and makes sure that names created in it survive a power cut.</summary>
internal static class StorageFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static void Create(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly);
        }
    }

    /// <summary>
    /// An empty file that only its owner may read, unless it is there already. SQLite gives its log and shared memory the
    /// same mode, and would take the file itself from the account's umask.
    /// </summary>
    public static void CreateFile(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // Closing any descriptor of an open database would drop this process's locks on it, so an existing one is left alone.
        if (!File.Exists(path))
        {
            new FileStream(path, options).Dispose();
        }
    }

    /// <summary>
    /// Gives a file another name, and never takes the name from a file that has it: link(2) refuses then, whoever was first.
    /// </summary>
    /// <exception cref="IOException">The name is taken, or the file system refused.</exception>
    public static void MoveWithoutReplacing(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Move(from, to, overwrite: false);
            return;
        }

        if (Link(Encoding.UTF8.GetBytes(from + '\0'), Encoding.UTF8.GetBytes(to + '\0')) != 0)
        {
            throw new IOException($"{to} could not be created: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        File.Delete(from);
    }

    /// <summary>fsync of the folder itself: without it a file that was synchronised may still lose its name.</summary>
    public static void Synchronise(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(Encoding.UTF8.GetBytes(folder + '\0'), flags: 0);
        var synchronised = descriptor >= 0 && Fsync(descriptor) == 0;
        var error = Marshal.GetLastPInvokeError();
        if (descriptor >= 0)
        {
            _ = Close(descriptor);
        }

        if (!synchronised)
        {
            throw new IOException($"The folder {folder} could not be synchronised to disk (error {error}).");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(byte[] from, byte[] to);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
