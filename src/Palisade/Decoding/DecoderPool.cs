using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Palisade.Decoder.Contract;
using Palisade.Signals.Pdq;

namespace Palisade.Decoding;

/// <summary>
/// A pool of sandboxed worker processes that turn untrusted bytes into numbers.
/// </summary>
/// <remarks>
/// Each worker has a thread of its own that feeds it over pipes. A worker is replaced after a number of files and when
/// it dies, is over its time, or answers what is no answer; a file that cannot be decoded is no reason. Nothing a
/// worker does ends this process.
/// </remarks>
public sealed class DecoderPool : IAsyncDisposable
{
    private static readonly PdqProfile[] BothProfiles = [PdqProfile.Full, PdqProfile.Nn512];

    private readonly DecoderOptions _options;
    private readonly TimeProvider _clock;
    private readonly BlockingCollection<DecoderJob> _queue;
    private readonly List<DecoderLane> _lanes = [];
    private readonly long[] _deaths = new long[Enum.GetValues<WorkerDeath>().Length];
    private SandboxProbe.Findings? _findings;
    private long _decoded;
    private long _estimated;
    private long _undecodable;
    private long _refused;
    private long _startedAhead;

    /// <exception cref="ArgumentException">A setting is out of its bounds.</exception>
    public DecoderPool(DecoderOptions options, TimeProvider clock, ILogger<DecoderPool> logger)
    {
        _options = options.Checked();
        _clock = clock;
        Logger = logger;
        _queue = new BlockingCollection<DecoderJob>(options.QueueLength);
    }

    /// <summary>Which layers are in force. Known once the pool has started.</summary>
    public SandboxReport Sandbox => Started.Report;

    /// <summary>The forms that can be decoded on this system: jpeg, png, webp, gif, tiff, avif and perhaps heic.</summary>
    public IReadOnlyList<string> Formats => Started.Formats;

    /// <summary>What reads JPEGs here, for <c>doctor</c>: libjpeg-turbo where the system has it, else libvips.</summary>
    public string JpegLibrary => Started.JpegLibrary;

    public long Decoded => Interlocked.Read(ref _decoded);

    /// <summary>Fingerprints that were estimated; those of them that were decoded exactly afterwards count there too.</summary>
    public long Estimated => Interlocked.Read(ref _estimated);

    public long Undecodable => Interlocked.Read(ref _undecodable);

    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Whether the operator has asked for the pre-screen.</summary>
    public bool Prescreens => _options.Prescreen;

    /// <summary>Uploads that wait for a worker at this moment.</summary>
    public int Waiting => _queue.Count;

    internal ILogger<DecoderPool> Logger { get; }

    /// <summary>The workers' processes at this moment, bubblewrap's where that is around them.</summary>
    internal IReadOnlyList<int> ProcessIds => [.. _lanes.Select(lane => lane.ProcessId).OfType<int>()];

    private SandboxProbe.Findings Started =>
        _findings ?? throw new InvalidOperationException("The decoder pool has not been started; await StartAsync first.");

    /// <summary>How many workers ended before their time, and why.</summary>
    public long DeathsBy(WorkerDeath death) => Interlocked.Read(ref _deaths[(int)death]);

    /// <summary>Finds out what confines a worker here, and starts all workers.</summary>
    /// <exception cref="SandboxUnavailableException">
    /// No worker could be started, or nothing confines one and the options do not allow that.
    /// </exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_findings is not null)
        {
            throw new InvalidOperationException("The decoder pool has been started already.");
        }

        var findings = await SandboxProbe.FindAsync(_options, _clock, cancellationToken);
        if (!findings.Report.IsConfined && _options.Sandbox == SandboxRequirement.Required)
        {
            throw new SandboxUnavailableException(
                "Nothing confines the decoder on this system, so a hostile picture could reach its files and network: " +
                string.Join("; ", findings.Report.Layers.Where(layer => !layer.IsActive)
                    .Select(layer => $"{layer.Layer}: {layer.WhyNot}")) +
                ". Add a layer (palisade doctor says how), or give this protection up with the decoder setting " +
                $"Sandbox = {SandboxRequirement.AllowUnsandboxedDecodingOfUntrustedFiles}.");
        }

        _findings = findings;
        for (var number = 1; number <= _options.Workers; number++)
        {
            _lanes.Add(new DecoderLane(this, _queue, number));
        }

        await Task.WhenAll(_lanes.Select(lane => lane.IsUp)).WaitAsync(cancellationToken);
    }

    /// <summary>Decodes and fingerprints one upload in both profiles. Never throws for what the bytes are.</summary>
    /// <param name="upload">Must stay as it is until the task has ended.</param>
    /// <exception cref="DecoderBusyException">The queue is full. It is no verdict: try again.</exception>
    public Task<DecodeOutcome> DecodeAsync(ReadOnlyMemory<byte> upload, CancellationToken cancellationToken) =>
        DecodeAsync(upload, BothProfiles, cancellationToken);

    /// <inheritdoc cref="DecodeAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    /// <param name="profiles">Nn512 costs more, and is left out where it is not among these; Full is always there.</param>
    public async Task<DecodeOutcome> DecodeAsync(
        ReadOnlyMemory<byte> upload, IEnumerable<PdqProfile> profiles, CancellationToken cancellationToken)
    {
        var outcome = RefusalOf(upload) ??
            await AskAsync(new DecodeJob(upload, profiles.Contains(PdqProfile.Nn512)), cancellationToken);
        Count(outcome);
        return outcome;
    }

    /// <summary>
    /// Estimates an upload's fingerprint in the profile full at about half the cost; what cannot be estimated is decoded as
    /// ever. Never throws for what the bytes are.
    /// </summary>
    /// <param name="upload">Must stay as it is until the task has ended.</param>
    /// <exception cref="DecoderBusyException">The queue is full. It is no verdict: try again.</exception>
    public async Task<PrescreenOutcome> PrescreenAsync(ReadOnlyMemory<byte> upload, CancellationToken cancellationToken)
    {
        var outcome = RefusalOf(upload) is { } refusal
            ? new PrescreenOutcome.Exact(refusal)
            : await AskAsync(new PrescreenJob(upload), cancellationToken);
        if (outcome is PrescreenOutcome.Exact { Outcome: var exact })
        {
            Count(exact);
        }
        else
        {
            Interlocked.Increment(ref _estimated);
        }

        return outcome;
    }

    /// <summary>Computes an upload's region codes, or what else of its regions is asked for. Never throws for what the bytes are.</summary>
    /// <param name="upload">Must stay as it is until the task has ended.</param>
    /// <exception cref="DecoderBusyException">The queue is full. It is no verdict: try again.</exception>
    public async Task<RegionOutcome> FindRegionsAsync(
        ReadOnlyMemory<byte> upload, RegionParts parts, CancellationToken cancellationToken) =>
        RefusalOf(upload) is { } refusal
            ? new RegionOutcome.Unread(refusal)
            : await AskAsync(new RegionJob(parts, upload), cancellationToken);

    /// <summary>Reads what an upload declares of its origin. Never throws for what the bytes are.</summary>
    /// <param name="upload">Must stay as it is until the task has ended.</param>
    /// <exception cref="DecoderBusyException">The queue is full. It is no verdict: try again.</exception>
    public async Task<ProvenanceOutcome> ReadProvenanceAsync(
        ReadOnlyMemory<byte> upload, ProvenanceRequest request, CancellationToken cancellationToken) =>
        upload.Length > _options.MaxFileBytes
            ? new ProvenanceOutcome.Unread(
                new DecodeOutcome.Refused($"The file has {upload.Length} bytes; at most {_options.MaxFileBytes} are read."))
            : await AskAsync(new ProvenanceJob(request, upload), cancellationToken);

    /// <summary>
    /// Encodes pixels of our own making (drawn by the demo, or a safe view) as jpeg, png, webp, gif, tiff or avif.
    /// </summary>
    /// <param name="rgb">Packed 8-bit RGB, width x height x 3 bytes.</param>
    /// <param name="quality">1 to 100, where the form has one.</param>
    /// <exception cref="ArgumentException">The pixels do not fit the size, or the form is none of those.</exception>
    /// <exception cref="DecoderBusyException">The queue is full: try again.</exception>
    public Task<byte[]> EncodeAsync(
        ReadOnlyMemory<byte> rgb, int width, int height, string format, int quality, CancellationToken cancellationToken)
    {
        if (!PictureForms.TryParse(format, out var form) || form == PictureForm.Heic)
        {
            throw new ArgumentException(
                $"Pictures are encoded as jpeg, png, webp, gif, tiff or avif, not '{format}'.", nameof(format));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        if (rgb.Length != (long)width * height * 3 || rgb.Length > Math.Max(_options.MaxFileBytes, 64 << 20))
        {
            throw new ArgumentException(
                $"{width} x {height} pixels are {(long)width * height * 3} bytes of RGB, at most 64 MiB.", nameof(rgb));
        }

        return AskAsync(new EncodeJob(new EncodeRequest(form, quality, width, height), rgb), cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        while (_queue.TryTake(out var waiting))
        {
            waiting.Abandon();
        }

        foreach (var lane in _lanes)
        {
            lane.Dispose();
        }

        _queue.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>How many workers took over from their predecessors without anybody waiting for their start.</summary>
    internal long StartedAhead => Interlocked.Read(ref _startedAhead);

    internal void CountStartedAhead() => Interlocked.Increment(ref _startedAhead);

    internal WorkerProcess StartWorker() =>
        WorkerProcess.TryStart(_options, Started.Bubblewrap, _clock, out var problem) ??
        throw new SandboxUnavailableException("A decoder worker did not start: " + problem);

    internal void Count(WorkerDeath death) => Interlocked.Increment(ref _deaths[(int)death]);

    /// <returns>Null where it is not too large.</returns>
    private DecodeOutcome.Refused? RefusalOf(ReadOnlyMemory<byte> upload) => upload.Length > _options.MaxFileBytes
        ? new($"The file has {upload.Length} bytes; at most {_options.MaxFileBytes} are decoded.")
        : null;

    private void Count(DecodeOutcome outcome)
    {
        switch (outcome)
        {
            case DecodeOutcome.Decoded:
                Interlocked.Increment(ref _decoded);
                break;
            case DecodeOutcome.Refused:
                Interlocked.Increment(ref _refused);
                break;
            default:
                Interlocked.Increment(ref _undecodable);
                break;
        }
    }

    private Task<TAnswer> AskAsync<TAnswer>(DecoderJob<TAnswer> job, CancellationToken cancellationToken)
    {
        _ = Started;
        bool isQueued;
        try
        {
            isQueued = _queue.TryAdd(job);
        }
        catch (InvalidOperationException e)
        {
            throw new ObjectDisposedException("The decoder pool has been closed.", e);
        }

        return isQueued ? job.WaitAsync(cancellationToken) : throw new DecoderBusyException();
    }
}
