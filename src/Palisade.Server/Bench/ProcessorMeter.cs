namespace Palisade.Server.Bench;

/// <summary>Processor seconds of a process and of everything that it started.</summary>
public readonly record struct ProcessorUse(double OwnSeconds, double DescendantSeconds)
{
    public double Seconds => OwnSeconds + DescendantSeconds;
}

/// <summary>
/// Adds up the processor time that a process and everything it starts use from now on.
/// </summary>
/// <remarks>
/// A decoder worker is ended after some thousand files, and a sandbox that is killed passes on to nobody what it used. So
/// each process is looked at every 50 ms, and what it had used by then counts: of a worker that ends at most those 50 ms
/// are missed.
/// </remarks>
public sealed class ProcessorMeter : IAsyncDisposable
{
    /// <summary>The whole tree is searched for new processes at every 20th look, once a second.</summary>
    private const int LooksPerSearch = 20;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<(int Id, long StartedAt), long> _before;
    private readonly Dictionary<(int Id, long StartedAt), long> _latest = [];
    private readonly int _root;
    private readonly TimeProvider _clock;
    private readonly Task _looking;

    private ProcessorMeter(int root, TimeProvider clock)
    {
        _root = root;
        _clock = clock;
        _before = ProcessTree.Members(root).ToDictionary(stat => (stat.Id, stat.StartedAt), stat => stat.Ticks);
        _looking = Task.Run(LookAsync);
    }

    public static ProcessorMeter Start(int root, TimeProvider clock) => new(root, clock);

    /// <summary>Ends the measurement.</summary>
    public async Task<ProcessorUse> StopAsync()
    {
        await _stop.CancelAsync();
        await _looking;
        foreach (var stat in ProcessTree.Members(_root))
        {
            _latest[(stat.Id, stat.StartedAt)] = stat.Ticks;
        }

        return new ProcessorUse(SecondsOf(id => id == _root), SecondsOf(id => id != _root));

        double SecondsOf(Func<int, bool> counts) => _latest
            .Where(seen => counts(seen.Key.Id))
            .Sum(seen => seen.Value - _before.GetValueOrDefault(seen.Key)) / ProcessTree.TicksPerSecond;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _looking;
        _stop.Dispose();
    }

    private async Task LookAsync()
    {
        List<int> members = [];
        for (var look = 0; !_stop.IsCancellationRequested; look++)
        {
            if (look % LooksPerSearch == 0)
            {
                members = [.. ProcessTree.Members(_root).Select(stat => stat.Id)];
            }

            foreach (var id in members)
            {
                if (ProcessTree.Stat.TryRead(id) is { } stat)
                {
                    _latest[(stat.Id, stat.StartedAt)] = stat.Ticks;
                }
            }

            await Task.Delay(LookEvery, _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
