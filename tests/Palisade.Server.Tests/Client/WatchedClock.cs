using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Palisade.Server.Tests.Client;

/// <summary>A clock that stands still until it is told, and says what is being waited for.</summary>
internal sealed class WatchedClock : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    /// <summary>The longest time for a call, in tests: waits of this length are time-outs and no rests.</summary>
    public static TimeSpan CallTimeout { get; } = TimeSpan.FromSeconds(3000);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != CallTimeout)
        {
            _waits.Writer.TryWrite(dueTime);
        }

        return timer;
    }

    /// <summary>Completes when somebody begins to wait, with how long.</summary>
    public async Task<TimeSpan> NextWaitAsync() => await _waits.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>Lets the next one who waits go on, and says how long that was.</summary>
    public async Task<TimeSpan> PassNextWaitAsync()
    {
        var wait = await NextWaitAsync();
        Advance(wait);
        return wait;
    }
}
