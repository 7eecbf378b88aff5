namespace Palisade.Server.Tests.UploadGate;

/// <summary>The real clock with every wait shortened, so that a minute of patience takes a test about a second.</summary>
internal sealed class HurriedClock : TimeProvider
{
    private const int Times = 50;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Hurried(dueTime), Hurried(period));

    private static TimeSpan Hurried(TimeSpan wait) => wait > TimeSpan.Zero ? wait / Times : wait;
}
