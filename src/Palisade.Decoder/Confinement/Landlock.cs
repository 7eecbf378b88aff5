using System.Buffers.Binary;

namespace Palisade.Decoder.Confinement;

/// <summary>
/// A Landlock domain that leaves the calling thread the libraries' folders to read and one program to start: itself.
/// </summary>
/// <remarks>Source: Linux, Documentation/userspace-api/landlock.rst, up to version 7 of its interface.</remarks>
internal static class Landlock
{
    private const int CreateRuleset = 444;
    private const int AddRule = 445;
    private const int RestrictSelf = 446;
    private const int VersionQuery = 1;
    private const int PathBeneath = 1;

    private const ulong Execute = 1 << 0;
    private const ulong ReadFile = 1 << 2;
    private const ulong ReadFolder = 1 << 3;

    /// <summary>Binding and connecting TCP.</summary>
    private const ulong AllNetwork = 3;

    /// <summary>Abstract UNIX sockets of others, and signals to others.</summary>
    private const ulong AllScopes = 3;

    private const int OpenPathOnly = 0x200000;
    private const int CloseOnExec = 0x80000;
    private const int OpenFolder = 0x10000;

    /// <returns>0, or the system's error number.</returns>
    public static unsafe int Apply()
    {
        var version = Kernel.Call(CreateRuleset, 0, 0, VersionQuery);
        if (version < 1)
        {
            return Kernel.LastError;
        }

        // Everything that this version can refuse is refused, but for the rules below.
        var attributes = stackalloc ulong[]
        {
            FileRights(version), version >= 4 ? AllNetwork : 0, version >= 6 ? AllScopes : 0,
        };
        var size = version switch { < 4 => 8, < 6 => 16, _ => 24 };
        var ruleset = (int)Kernel.Call(CreateRuleset, (nint)attributes, size);
        if (ruleset < 0)
        {
            return Kernel.LastError;
        }

        foreach (var folder in ReadableFolders().Where(Directory.Exists))
        {
            Allow(ruleset, folder, ReadFile | ReadFolder);
        }

        // The dynamic loader's list of libraries; the loader itself, which the kernel starts; and this program.
        Allow(ruleset, "/etc/ld.so.cache", ReadFile);
        Allow(ruleset, "/lib64/ld-linux-x86-64.so.2", ReadFile | Execute);
        Allow(ruleset, Environment.ProcessPath!, ReadFile | Execute);
        var result = Kernel.Call(RestrictSelf, ruleset);
        var error = result == 0 ? 0 : Kernel.LastError;
        Kernel.Close(ruleset);
        return error;
    }

    /// <summary>The root folder can be listed anywhere but inside such a domain.</summary>
    public static bool IsInForce()
    {
        var root = Kernel.Open("/", OpenFolder | CloseOnExec);
        if (root >= 0)
        {
            Kernel.Close(root);
        }

        return root < 0;
    }

    private static IEnumerable<string> ReadableFolders() =>
    [
        "/lib", "/lib64", "/usr/lib", "/usr/lib64",
        Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? "/usr/share/dotnet",
        AppContext.BaseDirectory,

        // The runtime asks where its own stack lies.
        $"/proc/{Environment.ProcessId}",
    ];

    /// <summary>13 rights in version 1, then REFER (2), TRUNCATE (3) and IOCTL_DEV (5).</summary>
    private static ulong FileRights(long version) => version switch
    {
        1 => (1UL << 13) - 1,
        2 => (1UL << 14) - 1,
        3 or 4 => (1UL << 15) - 1,
        _ => (1UL << 16) - 1,
    };

    /// <summary>A path that is not there needs no rule.</summary>
    private static unsafe void Allow(int ruleset, string path, ulong rights)
    {
        var descriptor = Kernel.Open(path, OpenPathOnly | CloseOnExec);
        if (descriptor < 0)
        {
            return;
        }

        // Packed: 8 bytes of rights, 4 bytes of descriptor.
        var rule = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(rule, 8), rights);
        BinaryPrimitives.WriteInt32LittleEndian(new Span<byte>(rule + 8, 4), descriptor);
        Kernel.Call(AddRule, ruleset, PathBeneath, (nint)rule);
        Kernel.Close(descriptor);
    }
}
