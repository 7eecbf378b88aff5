using Microsoft.Extensions.Logging;

namespace Palisade.Decoding;

/// <summary>
/// Starts a lane's next worker while the present one still works, so that no upload waits for the start.
/// </summary>
/// <remarks>
/// The kernel ends a worker when the thread that started it ends, so that this thread lives as long as its lane.
/// </remarks>
internal sealed class Successor : IDisposable
{
    private readonly DecoderPool _pool;
    private readonly Thread _thread;
    private readonly SemaphoreSlim _asked = new(0);
    private readonly Lock _gate = new();
    private WorkerProcess? _worker;
    private bool _isUnderWay;
    private bool _isStopping;

    public Successor(DecoderPool pool, int number)
    {
        _pool = pool;
        _thread = new Thread(Run, maxStackSize: 256 << 10) { IsBackground = true, Name = $"decoder-{number}-next" };
        _thread.Start();
    }

    /// <summary>Has a worker started, unless one is there or on its way.</summary>
    public void Prepare()
    {
        lock (_gate)
        {
            if (_worker is not null || _isUnderWay || _isStopping)
            {
                return;
            }

            _isUnderWay = true;
        }

        _asked.Release();
    }

    /// <summary>The worker, if it is up.</summary>
    public WorkerProcess? Take()
    {
        WorkerProcess? worker;
        lock (_gate)
        {
            worker = _worker;
            _worker = null;
        }

        if (worker is not null)
        {
            _pool.CountStartedAhead();
        }

        return worker;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
        }

        _asked.Release();
        _thread.Join();
        _worker?.Dispose();
        _asked.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _asked.Wait();
            lock (_gate)
            {
                if (_isStopping)
                {
                    return;
                }
            }

            WorkerProcess? started = null;
            try
            {
                started = _pool.StartWorker();
            }
            catch (Exception e)
            {
                // The lane starts one itself when it needs it, and says so again if that fails too.
                _pool.Logger.LogWarning("The next decoder worker could not be started ahead: {Problem}", e.Message);
            }

            lock (_gate)
            {
                (_worker, _isUnderWay) = (started, false);
            }
        }
    }
}
