using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Palisade.Decoder.Contract;

namespace Palisade.Decoding;

/// <summary>
/// One worker's place in the pool: a thread that takes work from the queue, asks its worker, and replaces the worker
/// when it is due or has misbehaved.
/// </summary>
internal sealed class DecoderLane
{
    private readonly DecoderPool _pool;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _isUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BlockingCollection<DecoderJob> _queue;
    private volatile WorkerProcess? _worker;

    public DecoderLane(DecoderPool pool, BlockingCollection<DecoderJob> queue, int number)
    {
        _pool = pool;
        _queue = queue;
        _thread = new Thread(Run, maxStackSize: 512 << 10) { IsBackground = true, Name = $"decoder-{number}" };
        _thread.Start();
    }

    /// <summary>Ends when the first worker is up, or with the reason why it is not.</summary>
    public Task IsUp => _isUp.Task;

    /// <summary>The worker's process (bubblewrap's where that is around it), or null between two workers.</summary>
    public int? ProcessId => _worker?.ProcessId;

    /// <summary>Ends the worker, whatever it is doing, and waits for the thread.</summary>
    public void Stop()
    {
        _worker?.Kill();
        _thread.Join();
    }

    private void Run()
    {
        try
        {
            _worker = _pool.StartWorker();
            _isUp.SetResult();
        }
        catch (Exception e)
        {
            _isUp.SetException(e);
            return;
        }

        foreach (var job in _queue.GetConsumingEnumerable())
        {
            if (job.TryBegin())
            {
                Serve(job);
            }
        }

        _worker?.Dispose();
    }

    private void Serve(DecoderJob job)
    {
        try
        {
            var worker = _worker ??= _pool.StartWorker();
            var isAnswered = worker.TryExchange(
                job.Question, job.Prefix, job.Body.Span, job.MaxAnswerBytes, out var kind, out var body, out var death);
            isAnswered = isAnswered && job.TryUnderstand(kind, body);
            if (!isAnswered)
            {
                _pool.Count(death);
                _pool.Logger.LogWarning("A decoder worker was replaced: {Reason}", death);
                job.Fail(death);
            }

            if (!isAnswered || worker.IsDueForReplacement)
            {
                _worker = null;
                worker.Dispose();
            }
        }
        catch (Exception e) when (e is SandboxUnavailableException or System.ComponentModel.Win32Exception or IOException)
        {
            // The program or the system's processes are gone. The upload stays unread, which policy holds.
            _pool.Logger.LogError("No decoder worker could be started: {Problem}", e.Message);
            job.Fail(WorkerDeath.Crashed);
        }
    }
}
