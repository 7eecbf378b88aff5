using Palisade.CyberTipline;
using Palisade.Reporting;

namespace Palisade.Server;

/// <summary>
/// Sends reports while the server runs, and raises an alarm for every report that does not get on: at once while the service
/// is sealed or a person is needed, and by age otherwise. A report is never dropped.
/// </summary>
public sealed class ReportClock(Installation installation, ILogger<ReportClock> logger) : BackgroundService
{
    /// <summary>Reports on their way at the same time from this node.</summary>
    private const int Workers = 4;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AlarmLook = TimeSpan.FromSeconds(15);

    /// <summary>An alarm that is repeated at every look is soon read by nobody.</summary>
    private static readonly TimeSpan AlarmInterval = TimeSpan.FromMinutes(15);

    private (bool IsSealed, bool NeedHuman, bool IsOld) _alarming;
    private DateTimeOffset _alarmedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var options = installation.Options.Reporting;
        if (!options.IsOn)
        {
            return;
        }

        using var client = new CyberTiplineClient(options.OpenEndpoint(), installation.Clock);
        logger.LogWarning("Reports go to {Environment}", client.Environment);
        var courier = installation.CourierBy(client);
        await Task.WhenAll([WatchAsync(stoppingToken), .. Enumerable.Range(0, Workers).Select(_ => SendAsync(courier, stoppingToken))]);
    }

    private async Task SendAsync(ReportCourier courier, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var isMore = false;
            try
            {
                isMore = await courier.RunOneAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogError(exception, "A report stopped in the middle of a step; it goes on from what is stored when its lease is over");
            }

            if (!isMore)
            {
                await Task.Delay(LookInterval, installation.Clock, cancellationToken);
            }
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                Complain(await installation.Reports.MeasureAsync(cancellationToken));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogError(exception, "The age of reports could not be read; trying again");
            }

            await Task.Delay(AlarmLook, installation.Clock, cancellationToken);
        }
    }

    internal void Complain(ReportFigures figures)
    {
        var now = installation.Clock.GetUtcNow();
        var alarming = (
            figures.WaitingUnseal > 0, figures.NeedHuman > 0,
            figures.Oldest > installation.Options.Reporting.AlarmAfter || figures.Earliest < now);
        if (alarming == (false, false, false) || (alarming == _alarming && now - _alarmedAt < AlarmInterval))
        {
            _alarming = alarming;
            return;
        }

        (_alarming, _alarmedAt) = (alarming, now);
        if (figures.WaitingUnseal > 0)
        {
            logger.LogCritical(
                "The service is sealed, so {Count} reports wait; the earliest deadline is {Deadline:O}. Unseal it: palisade unseal",
                figures.WaitingUnseal, figures.Earliest);
        }

        if (figures.NeedHuman > 0)
        {
            logger.LogCritical("{Count} reports need a person: palisade report list shows them", figures.NeedHuman);
        }

        if (alarming.Item3)
        {
            logger.LogCritical(
                "{Count} reports are not filed; the oldest has waited {Age}, and the earliest deadline is {Deadline:O}. palisade report list shows why",
                figures.Waiting, figures.Oldest, figures.Earliest);
        }
    }
}
