using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Palisade.Decoder.Contract;

namespace Palisade.Decoding;

/// <summary>
/// One worker's place in the pool: a thread that takes work from the queue, asks its worker, and replaces the worker
/// when it is due or has misbehaved.
/// </summary>
internal sealed class DecoderLane : IDisposable
{
    private readonly DecoderPool _pool;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _isUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BlockingCollection<DecoderJob> _queue;
    private readonly Successor _successor;
    private volatile WorkerProcess? _worker;
    private volatile bool _isStopping;

    public DecoderLane(DecoderPool pool, BlockingCollection<DecoderJob> queue, int number)
    {
        _pool = pool;
        _queue = queue;
        _successor = new Successor(pool, number);
        _thread = new Thread(Run, maxStackSize: 512 << 10) { IsBackground = true, Name = $"decoder-{number}" };
        _thread.Start();
    }

    /// <summary>Ends when the first worker is up, or with the reason why it is not.</summary>
    public Task IsUp => _isUp.Task;

    /// <summary>The worker's process (bubblewrap's where that is around it), or null between two workers.</summary>
    public int? ProcessId => _worker?.ProcessId;

    /// <summary>Ends the worker, whatever it is doing, and waits for the thread.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _worker?.Kill();
        _thread.Join();
        _successor.Dispose();
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
            var worker = FitWorker();
            var isAnswered = worker.TryExchange(
                job.Question, job.Prefix, job.Body.Span, job.MaxAnswerBytes, out var kind, out var body, out var death);
            isAnswered = isAnswered && job.TryUnderstand(kind, body);
            if (worker.IsNearReplacement)
            {
                _successor.Prepare();
            }

            if (!isAnswered || worker.IsDueForReplacement)
            {
                DropWorker();
            }

            if (isAnswered)
            {
                return;
            }

            if (_isStopping)
            {
                // Killed by the pool's own end, which says nothing about the file.
                job.Abandon();
                return;
            }

            Note(death);
            job.Fail(death);
        }
        catch (Exception e)
        {
            // The program or the system's processes are gone, or it is a mistake of ours. Whatever it is, the asker gets
            // an answer (the upload stays unread, which policy holds) and the lane goes on.
            _pool.Logger.LogError("A decoder worker could not be started or used: {Problem}", e.Message);
            _pool.Count(WorkerDeath.Crashed);
            DropWorker();
            job.Fail(WorkerDeath.Crashed);
        }
    }

    /// <summary>The worker, or a new one where it has spoken without being asked.</summary>
    private WorkerProcess FitWorker()
    {
        if (_worker is { HasMoreToSay: true })
        {
            Note(WorkerDeath.MalformedAnswer);
            DropWorker();
        }

        return _worker ??= _successor.Take() ?? _pool.StartWorker();
    }

    private void DropWorker()
    {
        var worker = _worker;
        _worker = null;
        worker?.Dispose();
    }

    private void Note(WorkerDeath death)
    {
        _pool.Count(death);
        _pool.Logger.LogWarning("A decoder worker was replaced: {Reason}", death);
    }
}
