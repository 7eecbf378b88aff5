using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Palisade.Decoder.Contract;

namespace Palisade.Decoding;

/// <summary>
/// One worker and the pipes to it. One thread uses it; a timer ends it when it is over its time.
/// </summary>
/// <remarks>
/// The thread that starts a worker must live as long as the worker: the kernel ends a worker when the thread that
/// started it ends.
/// </remarks>
internal sealed partial class WorkerProcess : IDisposable
{
    /// <summary>How often a running request's time is looked at; most requests are over before the first look.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>A worker that is not up by then never will be; a start takes about 0.2 seconds.</summary>
    private static readonly TimeSpan MaxStartTime = TimeSpan.FromSeconds(30);

    private readonly DecoderOptions _options;
    private readonly TimeProvider _clock;
    private readonly Process _process;
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly Stream _errors;
    private readonly Thread _errorDrain;
    private readonly byte[] _firstErrors = new byte[512];
    private readonly byte[] _header = new byte[MessageHeader.Size];
    private readonly ITimer _watch;
    private ulong _lastRequest;
    private int _firstErrorBytes;

    // Shared with the watching timer, under the lock.
    private readonly Lock _gate = new();
    private long? _startedAt;
    private TimeSpan _allowed;
    private TimeSpan? _processorAtFirstLook;
    private bool _isOverItsTime;

    private WorkerProcess(DecoderOptions options, TimeProvider clock, Process process)
    {
        _options = options;
        _clock = clock;
        _process = process;
        ProcessId = process.Id;
        _input = process.StandardInput.BaseStream;
        _output = process.StandardOutput.BaseStream;
        _errors = process.StandardError.BaseStream;
        _errorDrain = new Thread(DrainErrors, maxStackSize: 128 << 10) { IsBackground = true, Name = "decoder-stderr" };
        _errorDrain.Start();
        _watch = clock.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int ProcessId { get; }

    public Hello? Hello { get; private set; }

    public int FilesDone { get; private set; }

    /// <summary>Time spent on requests; a worker is replaced when it nears the processor time it was born with.</summary>
    public TimeSpan TimeSpent { get; private set; }

    /// <summary>Bytes behind a whole answer: it answers more than it was asked.</summary>
    public bool HasMoreToSay
    {
        get
        {
            const ulong bytesReadable = 0x541B;
            return _output is System.IO.Pipes.PipeStream pipe &&
                DeviceControl((int)pipe.SafePipeHandle.DangerousGetHandle(), bytesReadable, out var count) == 0 &&
                count > 0;
        }
    }

    public bool IsDueForReplacement => FilesDone >= _options.FilesPerWorker || TimeSpent >= LifetimeOf(_options);

    /// <summary>Nine tenths of its life are over: time to start the next one.</summary>
    public bool IsNearReplacement =>
        FilesDone >= _options.FilesPerWorker * 9L / 10 || TimeSpent >= LifetimeOf(_options) * 0.9;

    public static TimeSpan LifetimeOf(DecoderOptions options) => options.MaxProcessorTime * 10;

    /// <summary>Starts a worker and waits until it says hello.</summary>
    /// <returns>The worker, or null and why it did not start, in the program's own first words.</returns>
    public static WorkerProcess? TryStart(
        DecoderOptions options, string? bubblewrap, TimeProvider clock, out string problem)
    {
        var process = Process.Start(WorkerLaunch.Command(options, bubblewrap))
            ?? throw new SandboxUnavailableException("The decoder's process could not be made; see the system's limits.");
        var worker = new WorkerProcess(options, clock, process);
        worker.WidenPipes();
        worker.Watch(MaxStartTime);
        var isUp = worker.TryReadAnswer(0, MessageKind.Hello, Palisade.Decoder.Contract.Hello.Bytes, out var body, out _);
        worker.StopWatching();
        worker.Hello = isUp ? Palisade.Decoder.Contract.Hello.TryRead(body) : null;
        if (worker.Hello is not null)
        {
            problem = string.Empty;
            return worker;
        }

        worker.Kill();
        worker._errorDrain.Join(TimeSpan.FromSeconds(1));
        problem = worker.FirstErrorText();
        worker.Dispose();
        return null;
    }

    /// <summary>Asks and waits for the answer.</summary>
    /// <param name="prefix">Sent before the body, as part of it.</param>
    /// <param name="death">Why there is no answer; the worker is of no more use then.</param>
    /// <returns>Whether an answer of the right shape came; its content is still to be checked.</returns>
    public bool TryExchange(
        MessageKind question, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> body, int maxAnswerBytes,
        out MessageKind answer, out byte[] answerBody, out WorkerDeath death)
    {
        var request = ++_lastRequest;
        answer = question switch
        {
            MessageKind.Decode => MessageKind.Decoded,
            MessageKind.Regions => MessageKind.RegionsFound,
            MessageKind.Provenance => MessageKind.ProvenanceRead,
            _ => MessageKind.Encoded,
        };
        answerBody = [];
        death = WorkerDeath.Crashed;
        var startedAt = _clock.GetTimestamp();
        Watch(_options.MaxWallTime);
        try
        {
            Span<byte> head = prefix.Length <= EncodeRequest.HeaderBytes
                ? stackalloc byte[MessageHeader.Size + EncodeRequest.HeaderBytes]
                : new byte[MessageHeader.Size + prefix.Length];
            new MessageHeader(question, request, prefix.Length + body.Length).WriteTo(head);
            prefix.CopyTo(head[MessageHeader.Size..]);
            _input.Write(head[..(MessageHeader.Size + prefix.Length)]);
            _input.Write(body);
            return TryReadAnswer(request, ref answer, maxAnswerBytes, out answerBody, out death);
        }
        catch (IOException)
        {
            return false;
        }
        finally
        {
            if (StopWatching())
            {
                death = WorkerDeath.TimedOut;
            }

            FilesDone++;
            TimeSpent += _clock.GetElapsedTime(startedAt);
        }
    }

    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }
    }

    public void Dispose()
    {
        Kill();
        _watch.Dispose();
        _process.Dispose();

        // The process leaves its streams to whoever has asked for them. The thread that reads errors closes its own.
        _input.Dispose();
        _output.Dispose();
    }

    private bool TryReadAnswer(
        ulong request, MessageKind expected, int maxBytes, out byte[] body, out WorkerDeath death) =>
        TryReadAnswer(request, ref expected, maxBytes, out body, out death);

    private bool TryReadAnswer(
        ulong request, ref MessageKind kind, int maxBytes, out byte[] body, out WorkerDeath death)
    {
        body = [];
        death = WorkerDeath.Crashed;
        try
        {
            if (_output.ReadAtLeast(_header, _header.Length, throwOnEndOfStream: false) < _header.Length)
            {
                return false;
            }

            death = WorkerDeath.MalformedAnswer;
            if (!MessageHeader.TryRead(_header, maxBytes, out var header) || header.RequestId != request ||
                (header.Kind != kind && (header.Kind != MessageKind.Failed || request == 0)))
            {
                return false;
            }

            kind = header.Kind;
            body = new byte[header.BodyLength];
            if (_output.ReadAtLeast(body, body.Length, throwOnEndOfStream: false) < body.Length)
            {
                death = WorkerDeath.Crashed;
                return false;
            }

            return !HasMoreToSay;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Watch(TimeSpan allowed)
    {
        lock (_gate)
        {
            _startedAt = _clock.GetTimestamp();
            _allowed = allowed;
            _processorAtFirstLook = null;
        }

        _watch.Change(LookEvery, LookEvery);
    }

    /// <returns>Whether the request ended because the worker was over its time.</returns>
    private bool StopWatching()
    {
        _watch.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            _startedAt = null;
            return _isOverItsTime;
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_startedAt is not { } startedAt || _isOverItsTime)
            {
                return;
            }

            var processor = WorkerUsage.ProcessorTimeOf(ProcessId);
            _processorAtFirstLook ??= processor;
            if (_clock.GetElapsedTime(startedAt) >= _allowed ||
                processor - _processorAtFirstLook >= _options.MaxProcessorTime)
            {
                _isOverItsTime = true;
                Kill();
            }
        }
    }

    /// <summary>
    /// Reads standard error so that a worker never waits for it, and forgets it: after the first upload it may hold
    /// anything. What came before (a start that failed) is kept.
    /// </summary>
    private void DrainErrors()
    {
        var buffer = new byte[1024];
        try
        {
            using var errors = _errors;
            for (int read; (read = errors.Read(buffer)) > 0;)
            {
                var kept = Hello is null ? Math.Min(read, _firstErrors.Length - _firstErrorBytes) : 0;
                buffer.AsSpan(0, kept).CopyTo(_firstErrors.AsSpan(_firstErrorBytes));
                _firstErrorBytes += kept;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The worker is gone.
        }
    }

    private string FirstErrorText()
    {
        var text = Encoding.ASCII.GetString(_firstErrors, 0, _firstErrorBytes);
        var line = string.Concat(text.TakeWhile(c => c != '\n').Where(c => c is >= ' ' and <= '~'));
        return line.Length > 0 ? line : string.Create(CultureInfo.InvariantCulture, $"it ended without a word");
    }

    /// <summary>A picture goes through a pipe in a few pieces instead of 64 KiB at a time; best effort.</summary>
    private void WidenPipes()
    {
        const int setPipeSize = 1031;
        if (_input is System.IO.Pipes.PipeStream pipe)
        {
            _ = FileControl((int)pipe.SafePipeHandle.DangerousGetHandle(), setPipeSize, 1 << 20);
        }
    }

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FileControl(int descriptor, int command, int argument);

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int DeviceControl(int descriptor, ulong request, out int count);
}
