using System.Runtime.InteropServices;
using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Confinement;

/// <summary>
/// Puts the layers on. Landlock binds only the calling thread, and a .NET program has many before its first line runs;
/// so the first image confines its first thread and executes the program anew, and the second image is confined from
/// its first instruction on.
/// </summary>
internal static class Sandbox
{
    /// <summary>Marks the second image, and carries the error numbers of the layers that the first put on.</summary>
    public const string Marker = "--confined=";

    private const int SetParentDeathSignal = 1;
    private const int SetDumpable = 4;
    private const int SetNoNewPrivileges = 38;
    private const int KillSignal = 9;

    /// <summary>First image: confines this thread and starts the program again. Returns only where that failed.</summary>
    public static void ConfineAndReexecute(WorkerSettings settings, string[] arguments)
    {
        var unsupported = Kernel.IsKnown ? 0 : Kernel.NotSupported;
        int landlock = unsupported, seccomp = unsupported, limits = unsupported;
        if (Kernel.IsKnown)
        {
            Kernel.KeepOnlyStandardStreams();
            Kernel.ProcessControl(SetParentDeathSignal, KillSignal);
            Kernel.ProcessControl(SetNoNewPrivileges, 1);
            limits = settings.Layers.HasFlag(SandboxLayers.Rlimits) ? Limits.Apply(settings) : 0;
            landlock = settings.Layers.HasFlag(SandboxLayers.Landlock) ? Landlock.Apply() : 0;
            seccomp = settings.Layers.HasFlag(SandboxLayers.Seccomp) ? SeccompFilter.ApplyBeforeReexecution() : 0;
        }

        Reexecute([.. arguments, FormattableString.Invariant($"{Marker}{landlock},{seccomp},{limits}")]);
    }

    /// <summary>Second image: closes what the first had to leave open, on all threads, and looks at what is in force.</summary>
    public static Hello Complete(WorkerSettings settings, string marker, int forms)
    {
        var errors = marker[Marker.Length..].Split(',').Select(int.Parse).ToArray();
        if (!Kernel.IsKnown)
        {
            return new Hello(SandboxLayers.None, errors[0], errors[1], errors[2], forms);
        }

        Kernel.ProcessControl(SetDumpable, 0);
        if (settings.Layers.HasFlag(SandboxLayers.Seccomp) && errors[1] == 0)
        {
            errors[1] = SeccompFilter.ApplyToAllThreads();
        }

        // Asked of the kernel by trying, not remembered.
        var layers = SandboxLayers.None;
        layers |= errors[0] == 0 && Landlock.IsInForce() ? SandboxLayers.Landlock : SandboxLayers.None;
        layers |= errors[1] == 0 && SeccompFilter.IsInForce() ? SandboxLayers.Seccomp : SandboxLayers.None;
        layers |= errors[2] == 0 && Limits.AreInForce() ? SandboxLayers.Rlimits : SandboxLayers.None;
        return new Hello(layers & settings.Layers, errors[0], errors[1], errors[2], forms);
    }

    private static unsafe void Reexecute(IReadOnlyList<string> arguments)
    {
        var program = Environment.ProcessPath!;
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Select(entry => $"{entry.Key}={entry.Value}").ToList();
        Kernel.Execute(Text(program), Texts([program, .. arguments]), Texts(environment));
    }

    private static unsafe byte* Text(string text) => (byte*)Marshal.StringToCoTaskMemUTF8(text);

    /// <summary>Never freed: the next image takes the memory over.</summary>
    private static unsafe byte** Texts(List<string> texts)
    {
        var list = (byte**)NativeMemory.Alloc((nuint)texts.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Count; i++)
        {
            list[i] = Text(texts[i]);
        }

        list[texts.Count] = null;
        return list;
    }
}
