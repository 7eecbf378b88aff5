using Palisade.Decoder.Contract;

namespace Palisade.Decoding;

/// <summary>One layer, as it is around the workers on this system.</summary>
/// <param name="WhyNot">Null where the layer is active.</param>
/// <param name="Cost">What is given up without the layer.</param>
/// <param name="Remedy">The command or setting that adds it.</param>
public sealed record SandboxLayerState(SandboxLayers Layer, bool IsActive, string? WhyNot, string Cost, string Remedy);

/// <summary>Which layers are in force around the workers, as a worker found them around itself.</summary>
public sealed record SandboxReport(IReadOnlyList<SandboxLayerState> Layers)
{
    /// <summary>
    /// At least one layer keeps a worker from files, network or system calls. Limits alone do not count: they bound
    /// what a picture may cost, not what it may reach.
    /// </summary>
    public bool IsConfined => Layers.Any(layer => layer is { IsActive: true, Layer: not SandboxLayers.Rlimits });

    internal static SandboxReport From(Hello hello, SandboxLayers wanted, string? bubblewrapProblem)
    {
        return new SandboxReport(
        [
            State(
                SandboxLayers.Bubblewrap,
                bubblewrapProblem ?? "it did not start",
                "a worker sees the system's network, processes and file names, kept from them by the other layers alone",
                "apt-get install bubblewrap, and allow unprivileged user namespaces"),
            State(
                SandboxLayers.Landlock,
                $"the kernel has no Landlock or does not use it (error {hello.LandlockError})",
                "a worker that escapes its parser may open what the service's user may open, unless bubblewrap hides it",
                "run Linux 5.13 or later with landlock in the kernel's lsm= list"),
            State(
                SandboxLayers.Seccomp,
                $"the kernel refused a system-call filter (error {hello.SeccompError})",
                "a worker that escapes its parser reaches the kernel's whole surface",
                "run an x86-64 kernel with CONFIG_SECCOMP_FILTER"),
            State(
                SandboxLayers.Rlimits,
                $"the system refused a limit (error {hello.RlimitsError})",
                "one picture may take the machine's memory",
                "start the service with hard limits (ulimit -H) no lower than the decoder's settings"),
        ]);

        SandboxLayerState State(SandboxLayers layer, string problem, string cost, string remedy)
        {
            var isActive = hello.Layers.HasFlag(layer);
            var whyNot = wanted.HasFlag(layer) ? problem : "it is switched off by the decoder's Layers setting";
            return new SandboxLayerState(layer, isActive, isActive ? null : whyNot, cost, remedy);
        }
    }
}
