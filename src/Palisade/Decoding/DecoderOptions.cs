using Palisade.Decoder.Contract;

namespace Palisade.Decoding;

/// <summary>What happens when the system offers nothing to confine the decoder with.</summary>
public enum SandboxRequirement
{
    /// <summary>The pool does not start.</summary>
    Required,

    /// <summary>
    /// The pool starts, and gives up the one thing between a hostile picture and this machine's files and network.
    /// </summary>
    AllowUnsandboxedDecodingOfUntrustedFiles,
}

/// <summary>Limits that keep one upload from costing more than it should.</summary>
public sealed record DecoderOptions
{
    /// <summary>Where <c>palisade-decoder</c> lies. Default: the folder <c>decoder</c> beside the service.</summary>
    public string ProgramFolder { get; init; } = Path.Combine(AppContext.BaseDirectory, "decoder");

    /// <summary>Worker processes, 1 to 256. Default: one for each processor.</summary>
    public int Workers { get; init; } = Math.Min(Environment.ProcessorCount, 256);

    /// <summary>Uploads that may wait for a worker before the pool says that it is busy, 1 to 10,000. Default 64.</summary>
    public int QueueLength { get; init; } = 64;

    /// <summary>Largest file, 1 KiB to 1 GiB. Default 64 MiB.</summary>
    public int MaxFileBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Most pixels of a picture whose rows stream (baseline JPEG, PNG without interlace). Default 100 million.
    /// </summary>
    public long MaxStreamedPixels { get; init; } = 100_000_000;

    /// <summary>Most pixels of a picture that must be held whole (every other form). Default 40 million.</summary>
    public long MaxBufferedPixels { get; init; } = 40_000_000;

    /// <summary>
    /// Most scans of a progressive JPEG, 1 to 1,000. Default 100: encoders write about ten, each one costs a pass over
    /// the picture, and libvips 8.18 gives up by itself behind the 101st (tried), so that more buys nothing.
    /// </summary>
    public int MaxJpegScans { get; init; } = 100;

    /// <summary>
    /// Whether JPEGs are read by more than libvips: ordinary baseline ones by our own code (with AVX2), the others with the
    /// system's libjpeg-turbo where it is (Debian: libturbojpeg0), at about two thirds of the cost. The fingerprints are
    /// the same either way. Default: yes.
    /// </summary>
    public bool UseTurboJpeg { get; init; } = true;

    /// <summary>Most frames of an animation that are fingerprinted, 2 to 16. Default 16: the first and 15 more.</summary>
    public int MaxFrames { get; init; } = DecodedPicture.MaxFrames;

    /// <summary>Time from the request to the answer, 1 second to 10 minutes. Default 20 seconds.</summary>
    public TimeSpan MaxWallTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Processor time of one file, 1 second to 10 minutes. Default 10 seconds.</summary>
    public TimeSpan MaxProcessorTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Memory of one worker, 256 MiB to 16 GiB. Default 768 MiB: what a WebP or AVIF of 40 million pixels needs at most.
    /// </summary>
    public long MaxWorkerMemoryBytes { get; init; } = 768L << 20;

    /// <summary>
    /// A worker is replaced after this many files, 1 to 1,000,000. Default 5,000: a start costs half a second of a processor,
    /// and a worker that a hostile file has taken over sees this many uploads at most.
    /// </summary>
    public int FilesPerWorker { get; init; } = 5_000;

    /// <summary>
    /// Whether plain JPEGs with 512 pixels a side or more are first looked at by an estimate of their fingerprint, for services whose
    /// policy asks for the profile full alone; only what comes near a signal is then decoded exactly. Default: no. It saves
    /// about half of a worker's time and may miss a copy that is right at a bank's distance (docs/reference/prescreen.md).
    /// </summary>
    public bool Prescreen { get; init; }

    /// <summary>Layers to put on where the system has them. Default: all four.</summary>
    public SandboxLayers Layers { get; init; } = SandboxLayers.All;

    /// <summary>Whether the pool may start with no layer that confines. Default: it may not.</summary>
    public SandboxRequirement Sandbox { get; init; } = SandboxRequirement.Required;

    /// <summary>For tests of the pool itself: arguments that make a worker misbehave.</summary>
    internal IReadOnlyList<string> ExtraArguments { get; init; } = [];

    /// <exception cref="ArgumentException">A setting is out of its bounds; the text says which and what to write.</exception>
    public DecoderOptions Checked()
    {
        Check(Workers, 1, 256, nameof(Workers));
        Check(QueueLength, 1, 10_000, nameof(QueueLength));
        Check(MaxFileBytes, 1 << 10, 1 << 30, nameof(MaxFileBytes));
        Check(MaxStreamedPixels, 1, 1_000_000_000, nameof(MaxStreamedPixels));
        Check(MaxBufferedPixels, 1, 1_000_000_000, nameof(MaxBufferedPixels));
        Check(MaxJpegScans, 1, 1_000, nameof(MaxJpegScans));
        Check(MaxFrames, 2, DecodedPicture.MaxFrames, nameof(MaxFrames));
        Check((long)MaxWallTime.TotalSeconds, 1, 600, nameof(MaxWallTime) + " in seconds");
        Check((long)MaxProcessorTime.TotalSeconds, 1, 600, nameof(MaxProcessorTime) + " in seconds");
        Check(MaxWorkerMemoryBytes, 256L << 20, 16L << 30, nameof(MaxWorkerMemoryBytes));
        Check(FilesPerWorker, 1, 1_000_000, nameof(FilesPerWorker));
        return this;
    }

    private static void Check(long value, long least, long most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentException($"Decoder setting {name} is {value}; write a value from {least} to {most}.", name);
        }
    }
}
