using System.Diagnostics;
using System.Runtime.InteropServices;
using Palisade.Decoder.Contract;

namespace Palisade.Decoding;

/// <summary>Builds the command that starts a worker: bubblewrap around it or not, and an environment of its own.</summary>
internal static class WorkerLaunch
{
    private const string ProgramName = "palisade-decoder";

    /// <summary>Where the program's folder appears inside bubblewrap.</summary>
    private const string FolderInside = "/decoder";

    /// <summary>Managed heap of a worker beyond the largest request: decoded strips, hash scratch, the runtime's own.</summary>
    private const long HeapBeyondRequest = 96L << 20;

    /// <summary>Links into /usr on most systems, and folders of their own on others.</summary>
    private static readonly string[] LibraryFolders = ["/lib", "/lib64", "/usr/lib64"];

    public static string? FindBubblewrap() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin").Split(':')
            .Select(folder => Path.Combine(folder, "bwrap"))
            .FirstOrDefault(File.Exists);

    /// <param name="bubblewrap">The program's path, or null to start the worker as it is.</param>
    public static ProcessStartInfo Command(DecoderOptions options, string? bubblewrap)
    {
        var program = Path.Combine(Path.GetFullPath(options.ProgramFolder), ProgramName);
        if (!File.Exists(program))
        {
            throw new SandboxUnavailableException(
                $"The decoder program is not at {program}. Build Palisade.Decoder, or set the decoder's ProgramFolder.");
        }

        var start = new ProcessStartInfo
        {
            FileName = bubblewrap ?? program,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };

        // Nothing of the service's environment (keys, connection strings) reaches a worker.
        start.Environment.Clear();
        foreach (var (name, value) in WorkerEnvironment(options))
        {
            start.Environment[name] = value;
        }

        if (bubblewrap is not null)
        {
            AddBubblewrap(start, options);
            start.ArgumentList.Add($"{FolderInside}/{ProgramName}");
        }

        foreach (var argument in Settings(options, bubblewrap is not null).ToArguments().Concat(options.ExtraArguments))
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    private static int MaxRequestBytes(DecoderOptions options) =>
        Math.Max(options.MaxFileBytes, 64 << 20) + ProvenanceRequest.MaxHeaderBytes;

    private static WorkerSettings Settings(DecoderOptions options, bool isInBubblewrap) => new()
    {
        Layers = isInBubblewrap ? options.Layers : options.Layers & ~SandboxLayers.Bubblewrap,
        MaxRequestBytes = MaxRequestBytes(options),
        MaxStreamedPixels = options.MaxStreamedPixels,
        MaxBufferedPixels = options.MaxBufferedPixels,
        MaxJpegScans = options.MaxJpegScans,
        UseTurboJpeg = options.UseTurboJpeg,
        MaxFrames = options.MaxFrames,
        MaxMemoryBytes = options.MaxWorkerMemoryBytes,
        MaxProcessorSeconds = (int)WorkerProcess.LifetimeOf(options).TotalSeconds * 2,
    };

    private static IEnumerable<(string Name, string Value)> WorkerEnvironment(DecoderOptions options)
    {
        var heap = MaxRequestBytes(options) + HeapBeyondRequest;
        yield return ("DOTNET_ROOT", DotnetRoot());
        yield return ("DOTNET_GCHeapHardLimit", "0x" + heap.ToString("X", null));
        yield return ("DOTNET_gcServer", "0");
        yield return ("DOTNET_gcConcurrent", "0");
        yield return ("DOTNET_GCConserveMemory", "7");
        yield return ("DOTNET_GCgen0size", "0x1000000");

        // Compile loops well at once: a worker lives for some thousand pictures.
        yield return ("DOTNET_TieredPGO", "0");
        yield return ("DOTNET_TC_QuickJitForLoops", "0");

        // No debugger's pipe, and no second, writable mapping of code (it needs files in memory, which are refused).
        yield return ("DOTNET_EnableDiagnostics", "0");
        yield return ("DOTNET_EnableWriteXorExecute", "0");

        // glibc: one arena, so that freed picture memory goes back to the system.
        yield return ("MALLOC_ARENA_MAX", "1");
        yield return ("VIPS_BLOCK_UNTRUSTED", "1");
        yield return ("VIPS_CONCURRENCY", "1");

        // Never a temporary file, which libvips makes for pictures over 100 MB and a worker may not.
        yield return ("VIPS_DISC_THRESHOLD", "16g");
        yield return ("LANG", "C");
    }

    private static void AddBubblewrap(ProcessStartInfo start, DecoderOptions options)
    {
        string[] arguments =
        [
            "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts", "--unshare-cgroup",
            "--die-with-parent", "--new-session", "--cap-drop", "ALL",
            "--ro-bind", "/usr/lib", "/usr/lib",
        ];
        foreach (var argument in arguments.Concat(LibraryArguments()))
        {
            start.ArgumentList.Add(argument);
        }

        var root = DotnetRoot();
        string[] rest =
        [
            "--ro-bind", root, root,
            "--ro-bind", Path.GetFullPath(options.ProgramFolder), FolderInside,
            "--proc", "/proc",
            "--remount-ro", "/",
            "--chdir", "/",
            "--",
        ];
        foreach (var argument in rest)
        {
            start.ArgumentList.Add(argument);
        }
    }

    private static IEnumerable<string> LibraryArguments()
    {
        foreach (var folder in LibraryFolders.Where(Directory.Exists))
        {
            var link = new DirectoryInfo(folder).LinkTarget;
            string[] arguments = link is null ? ["--ro-bind", folder, folder] : ["--symlink", link, folder];
            foreach (var argument in arguments)
            {
                yield return argument;
            }
        }
    }

    /// <summary>The runtime that runs us runs the workers: its folder is .../shared/Microsoft.NETCore.App/VERSION.</summary>
    private static string DotnetRoot() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
}
