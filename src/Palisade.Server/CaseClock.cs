using Palisade.Review;

namespace Palisade.Server;

/// <summary>
/// Watches how long cases wait. A held upload never waits without a clock: from a set age on the log says so, and goes on
/// saying so until somebody has decided.
/// </summary>
public sealed class CaseClock(CaseBook cases, ReviewOptions options, TimeProvider clock, ILogger<CaseClock> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(30);

    /// <summary>An alarm that is repeated at every look is soon read by nobody.</summary>
    private static readonly TimeSpan AlarmInterval = TimeSpan.FromMinutes(15);

    private DateTimeOffset? _alarmedAt;

    /// <summary>As of the last look.</summary>
    public CaseFigures Latest { get; private set; } = new(0, 0, null);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogError(exception, "The age of held uploads could not be read; trying again");
            }

            await Task.Delay(LookInterval, clock, stoppingToken);
        }
    }

    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        Latest = await cases.MeasureAsync(cancellationToken);
        var isAlarming = Latest.Late > 0 || Latest.OldestHeld > options.HeldAlarmAfter;
        var now = clock.GetUtcNow();
        if (!isAlarming)
        {
            _alarmedAt = null;
        }
        else if (_alarmedAt is null || now - _alarmedAt >= AlarmInterval)
        {
            _alarmedAt = now;
            logger.LogWarning(
                "{Late} cases are past their time, and the oldest held upload has waited {Age}. `palisade case list` shows them",
                Latest.Late, Latest.OldestHeld ?? TimeSpan.Zero);
        }
    }
}
