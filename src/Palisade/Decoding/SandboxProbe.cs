using Palisade.Decoder.Contract;

namespace Palisade.Decoding;

/// <summary>Finds out which layers really are in force here, by starting a worker inside them and asking it.</summary>
public static class SandboxProbe
{
    /// <exception cref="SandboxUnavailableException">No worker could be started at all.</exception>
    public static async Task<SandboxReport> RunAsync(DecoderOptions options, CancellationToken cancellationToken) =>
        (await FindAsync(options.Checked(), TimeProvider.System, cancellationToken)).Report;

    internal static Task<Findings> FindAsync(DecoderOptions options, TimeProvider clock, CancellationToken cancellationToken) =>
        Task.Run(() => Find(options, clock), cancellationToken);

    private static Findings Find(DecoderOptions options, TimeProvider clock)
    {
        string? bubblewrap = null;
        string? bubblewrapProblem = null;
        if (options.Layers.HasFlag(SandboxLayers.Bubblewrap))
        {
            bubblewrap = WorkerLaunch.FindBubblewrap();
            bubblewrapProblem = bubblewrap is null ? "the program bwrap is not on the PATH" : null;
        }

        if (bubblewrap is not null)
        {
            using var inside = WorkerProcess.TryStart(options, bubblewrap, clock, out var problem);
            if (inside is not null)
            {
                return Describe(inside, options, bubblewrap, null);
            }

            bubblewrapProblem = "it could not start a worker: " + problem;
        }

        using var plain = WorkerProcess.TryStart(options, null, clock, out var plainProblem) ??
            throw new SandboxUnavailableException("No decoder worker could be started: " + plainProblem);
        return Describe(plain, options, null, bubblewrapProblem);
    }

    private static Findings Describe(
        WorkerProcess worker, DecoderOptions options, string? bubblewrap, string? bubblewrapProblem)
    {
        var hello = worker.Hello!;
        if (bubblewrap is not null)
        {
            hello = hello with { Layers = hello.Layers | SandboxLayers.Bubblewrap };
        }

        return new Findings(
            SandboxReport.From(hello, options.Layers, bubblewrapProblem),
            bubblewrap,
            [.. PictureForms.All.Where(hello.CanDecode).Select(form => form.Word()!)],
            hello.UsesTurboJpeg ? "libjpeg-turbo by TurboJPEG" : "libvips");
    }

    /// <param name="Bubblewrap">The path of bubblewrap where it works.</param>
    internal sealed record Findings(SandboxReport Report, string? Bubblewrap, IReadOnlyList<string> Formats, string JpegLibrary);
}
